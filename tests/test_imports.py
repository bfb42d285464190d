"""The import direction: base <- sibling folders, never each other <- the call <- the commands."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import pytest

FOLDERS = (
    "lines",
    "ears",
    "understanding",
    "dialog",
    "mouth",
    "handoff",
    "records",
    "accounts",
    "webhooks",
    "lookups",
)
BASE = (
    "errors",
    "meaning",
    "handover",
    "wordgraph",
    "hours",
    "events",
    "inquiry",
    "config",
    "private",
    "memory",
    "graphfile",
    "modelfiles",
    "redaction",
    "priority",
    "pronunciation",
    "database",
    "media",
    "serving",
)
MIDDLE = (
    "chore",
    "agenda",
    "asking",
    "journal",
    "conversation",
    "discretion",
    "doing",
    "bargein",
    "taping",
    "switching",
    "tongues",
    "bridge",
    "ending",
    "errand",
    "handing",
    "holding",
    "identifying",
    "speaking",
    "call",
    "keying",
    "masking",
    "mood",
    "overlap",
    "passing",
    "waiting",
    "weighing",
    "whisper",
    "person",
    "scribe",
    "ports",
    "textcall",
    "engines",
    "opening",
    "parts",
    "stores",
    "show",
    "trials",
    "simulation",
    "parallel",
    "retention",
    "evaluation",
    "reporting",
    "floor",
    "console",
    "server",
)


def imports(path: Path) -> set[str]:
    """The second part of every `ivr.x` that a file imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = (
                [f"{node.module}.{alias.name}" for alias in node.names]
                if node.module == "ivr"
                else [node.module]
            )
        else:
            continue
        found |= {name.split(".")[1] for name in names if name.startswith("ivr.")}
    return found


def modules(root: Path, part: str) -> list[Path]:
    folder = root / "ivr" / part
    return sorted(folder.rglob("*.py")) if folder.is_dir() else [folder.with_suffix(".py")]


def test_every_module_has_a_place(root: Path) -> None:
    parts = {path.stem if path.is_file() else path.name for path in (root / "ivr").iterdir()}
    known = {*FOLDERS, *BASE, *MIDDLE, "cli", "__init__", "__main__", "languages", "__pycache__"}
    assert parts <= known


@pytest.mark.parametrize("part", BASE)
def test_the_base_imports_only_itself(root: Path, part: str) -> None:
    for path in modules(root, part):
        assert imports(path) <= set(BASE), path


@pytest.mark.parametrize("part", FOLDERS)
def test_sibling_folders_never_import_each_other(root: Path, part: str) -> None:
    for path in modules(root, part):
        assert imports(path) <= {*BASE, part, "languages"}, path


@pytest.mark.parametrize("part", MIDDLE)
def test_the_call_knows_nothing_of_the_commands(root: Path, part: str) -> None:
    for path in modules(root, part):
        assert not imports(path) & {"cli", "__main__"}, path


def test_no_import_of_ours_hides_in_a_function(root: Path) -> None:
    for path in (root / "ivr").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                inner = [n for n in ast.walk(node) if isinstance(n, ast.Import | ast.ImportFrom)]
                names = [ast.unparse(n) for n in inner if "ivr" in ast.unparse(n).split()[1]]
                assert not names, f"{path}: {names}"


def test_every_test_file_has_a_name_of_its_own(root: Path) -> None:
    """Test files are imported by their bare name: of two with the same one pytest refuses the second."""
    names = Counter(path.name for path in (root / "tests").rglob("*.py"))
    assert {name for name, count in names.items() if count > 1} <= {"conftest.py", "__init__.py"}


def test_who_catches_everything_raises_it_again_or_says_why(root: Path) -> None:
    """Beside the clause or right above it; what is raised again after tidying up needs no reason."""
    for path in (root / "ivr").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        lines = text.splitlines()
        for node in ast.walk(ast.parse(text)):
            if not isinstance(node, ast.ExceptHandler):
                continue
            broad = node.type is None or ast.unparse(node.type) in ("Exception", "BaseException")
            again = any(isinstance(inner, ast.Raise) and inner.exc is None for inner in ast.walk(node))
            here, above = lines[node.lineno - 1].removesuffix("# noqa: BLE001"), lines[node.lineno - 2]
            assert not broad or again or "#" in here or above.strip().startswith("#"), f"{path}:{node.lineno}"
