"""A stranger finds his way: every folder has a table of its files, folders and files stay small."""

import importlib.util
import subprocess
from collections import Counter
from pathlib import Path, PurePosixPath

REPOSITORY = Path(__file__).parents[2]
PACKAGES = ("common", "grammar", "sources", "emitters", "distributor", "dmetad", "console")

MOST_FILES = 17
VERBS = "console/matrix_console/commands"
"""Its files are the verbs."""
MOST_LINES = 350


def tracked() -> list[PurePosixPath]:
    listing = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    return [PurePosixPath(line) for line in listing.stdout.splitlines() if (REPOSITORY / line).is_file()]


def test_the_readme_of_a_folder_names_every_file_with_what_it_is_about() -> None:
    path = REPOSITORY / "scripts/readmes.py"
    spec = importlib.util.spec_from_file_location("readmes", path)
    assert spec is not None
    assert spec.loader is not None
    readmes = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(readmes)
    stale = [
        str(path.relative_to(REPOSITORY))
        for path, text in readmes.wanted().items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]
    assert stale == [], "make golden writes these tables anew"
    silent = [
        f"{path.relative_to(REPOSITORY)}: {name}"
        for path, text in readmes.wanted().items()
        for name, words in readmes._ROW.findall(text)
        if not words
    ]
    assert silent == [], "a file says in its first line what it is about"


def test_no_folder_has_too_many_files() -> None:
    counts = Counter(str(path.parent) for path in tracked() if path.name not in ("README.md", "py.typed"))
    assert {folder for folder, count in counts.items() if count > MOST_FILES} <= {VERBS}


def test_no_file_of_the_packages_is_too_long() -> None:
    long = {
        str(path): lines
        for path in tracked()
        if path.parts[0] in PACKAGES and path.suffix == ".py"
        if (lines := len((REPOSITORY / path).read_text(encoding="utf-8").splitlines())) > MOST_LINES
    }
    assert long == {}
