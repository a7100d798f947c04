#!/usr/bin/env python3
"""Writes docs/editors from the tables of the language; a test sees that it has been done."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / package) for package in ("common", "grammar")]

from matrix_grammar.editors.editors import editor_files  # noqa: E402

for name, text in editor_files().items():
    path = ROOT / "docs" / "editors" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
