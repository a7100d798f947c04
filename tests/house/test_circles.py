"""No circle of imports: neither of modules nor of the folders of a package. Imports for types alone count."""

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
PACKAGES = ("common", "grammar", "sources", "emitters", "distributor", "dmetad", "console")

Graph = Mapping[str, Iterable[str]]


def modules() -> dict[str, Path]:
    """The modules of all packages; a folder's `__init__.py` by the name of the folder."""
    return {
        ".".join(path.relative_to(REPOSITORY / package).with_suffix("").parts).removesuffix(".__init__"): path
        for package in PACKAGES
        for path in (REPOSITORY / package / f"matrix_{package}").rglob("*.py")
    }


def imports(module: str, text: str, known: Mapping[str, Path]) -> Iterator[str]:
    """The modules that a module names in imports anywhere in it."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = module.split(".")
                above = parts[: len(parts) - node.level + (known[module].name == "__init__.py")]
                base = ".".join([*above, *filter(None, [base])])
            for alias in node.names:
                name = f"{base}.{alias.name}"
                yield from (each for each in ([name] if name in known else [base]) if each in known)


def folder_graphs(graph: Graph) -> dict[str, dict[str, set[str]]]:
    """For each folder the graph of what lies in it, files and folders: by what anything in them imports."""
    graphs: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for module, others in graph.items():
        for other in others:
            mine, theirs = module.split("."), other.split(".")
            shared = next((n for n, pair in enumerate(zip(mine, theirs, strict=False)) if pair[0] != pair[1]), 0)
            if shared:
                graphs[".".join(mine[:shared])][mine[shared]].add(theirs[shared])
    return graphs


def circles(graph: Graph) -> list[list[str]]:
    """The groups of nodes that all lead to each other."""
    nodes = {*graph, *(other for others in graph.values() for other in others)}
    reached = {node: reachable(graph, node) for node in nodes}
    groups = {frozenset(other for other in reached[node] if node in reached[other]) for node in nodes}
    return sorted(sorted(group) for group in groups if group)


def reachable(graph: Graph, start: str) -> set[str]:
    seen: set[str] = set()
    waiting = list(graph.get(start, ()))
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            waiting += graph.get(node, ())
    return seen


def all_circles(graph: Graph) -> list[str]:
    found = [" ↔ ".join(circle) for circle in circles(graph)]
    for folder, inner in sorted(folder_graphs(graph).items()):
        found += [f"{folder}: {' ↔ '.join(circle)}" for circle in circles(inner)]
    return found


@pytest.fixture(scope="module")
def known() -> dict[str, Path]:
    return modules()


@pytest.fixture(scope="module")
def graph(known: dict[str, Path]) -> dict[str, set[str]]:
    return {module: {*imports(module, path.read_text(), known)} - {module} for module, path in known.items()}


def test_no_modules_and_no_folders_import_each_other(graph: Graph) -> None:
    assert all_circles(graph) == []


@pytest.mark.parametrize(
    ("module", "line", "circle"),
    [
        (
            "matrix_grammar.difference.change",
            "def late() -> None:\n    from .hosts import host_changes",
            "matrix_grammar.difference: change ↔ hosts",
        ),
        (
            "matrix_grammar.selectors.index",
            "if TYPE_CHECKING:\n    from matrix_grammar.fleet import Fleet",
            "matrix_grammar: fleet ↔ selectors",
        ),
        (
            "matrix_grammar.texts.source",
            "import matrix_grammar.diagnostics.diagnostic",
            "matrix_grammar: diagnostics ↔ texts",
        ),
        ("matrix_dmetad.http.app", "from matrix_dmetad.serving import systemd", "matrix_dmetad: http ↔ serving"),
        (
            "matrix_distributor.transport.options",
            "from .hostkeys.host_key import HostKeyCheck",
            "matrix_distributor.transport: hostkeys ↔ options ↔ ssh_config",
        ),
        (
            "matrix_grammar.reading.reader",
            "from . import reads",
            "matrix_grammar.reading ↔ matrix_grammar.reading.reader",
        ),
    ],
)
def test_a_planted_circle_is_found(
    known: dict[str, Path], graph: dict[str, set[str]], module: str, line: str, circle: str
) -> None:
    planted = {*imports(module, f"{known[module].read_text()}\n{line}\n", known)}
    assert circle in all_circles({**graph, module: planted - {module}})
