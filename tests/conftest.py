import os

import pytest
from hypothesis import settings

# A test that fails by chance is no test: the examples are the same in each run. `make fuzz` looks for new ones; what
# it finds becomes an example of its test.
settings.register_profile("same", derandomize=True, database=None)
settings.register_profile("new", print_blob=True)
settings.load_profile(os.environ.get("MATRIX_EXAMPLES", "same"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--regenerate",
        action="store_true",
        help="write golden cases and generated pages anew instead of comparing them",
    )


@pytest.fixture
def regenerate(request: pytest.FixtureRequest) -> bool:
    """Whether golden cases are written instead of compared."""
    return bool(request.config.getoption("--regenerate"))
