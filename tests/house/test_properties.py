"""Grammar's table of built-in properties says what the files of the language and of each kind say."""

import subprocess
import sys
from pathlib import Path

from matrix_emitters.reflection import BUILT_IN_REFLECTORS
from matrix_grammar.model import property_table

ROOT = Path(__file__).parents[2]
KINDS = ROOT / "emitters/matrix_emitters/reflection/kinds"


def test_the_table_is_made_from_the_files() -> None:
    program = [sys.executable, str(ROOT / "scripts/properties.py"), "--check"]
    made = subprocess.run(program, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr or "run scripts/golden.sh"


def test_what_is_restricted_is_known_by_the_name_of_its_configuration() -> None:
    assert set(property_table().restricted) <= set(BUILT_IN_REFLECTORS)


def test_a_kind_with_properties_is_one_that_is_built_in() -> None:
    kinds = {path.parent.name for path in KINDS.glob("*/properties.toml")}
    modules = {place.partition(":")[0] for place in BUILT_IN_REFLECTORS.values()}
    assert kinds <= {module.split(".")[-2] for module in modules}
