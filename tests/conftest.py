import pytest


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
