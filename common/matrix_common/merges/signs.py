"""What a line begins with that git leaves where a merge could not decide."""

from __future__ import annotations

from typing import Final

MERGE_SIGNS: Final = ("<<<<<<<", "|||||||", "=======", ">>>>>>>")
