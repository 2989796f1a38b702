"""The drawing of the package, enforced: who imports whom, and what lies where."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
PACKAGE = REPOSITORY / "napari_brain_atlas"
MODULES = sorted(PACKAGE.rglob("*.py"))

ROOMS = {
    "errors": set(),
    "model": {"errors"},
    "compute": {"errors", "model"},
    "io": {"errors", "model"},
    "datasets": {"errors", "model"},
    "workflow": {"errors", "model", "compute", "io", "datasets"},
    "cli": {"errors", "model", "compute", "io", "datasets", "workflow"},
    "gui": {"errors", "model", "compute", "io", "datasets", "workflow"},
}
"""Room → rooms that it may import besides itself."""
LAZY = {"cli": {"gui"}}
"""Room → rooms that it may import inside a function."""
DOORS = {"__init__", "__main__"}
"""Modules at the top that lead to every room."""
DRAWING = {
    "qtpy",
    "PyQt5",
    "PyQt6",
    "PySide2",
    "PySide6",
    "napari",
    "vispy",
    "magicgui",
    "superqt",
}
STORING = {"anndata", "h5py", "zarr"}
OF_THE_MODEL = {"numpy", "scipy", "pydantic", "psygnal"}
TOP = {
    "napari_brain_atlas", "tests", "docs", "setup.cfg", "pyproject.toml", "README.md",
    "LICENSE", "CHANGELOG.md", "Makefile", ".ci", ".gitignore",
}  # fmt: skip
LONGEST = 300


def room_of(path: Path) -> str:
    """The room that a file belongs to: its folder, or its name at the top."""
    first = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    return "cli" if first.startswith("cli") else first


def imports(path: Path) -> Iterator[tuple[str, bool, int]]:
    """Every imported module, whether inside a function, and the line."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = {
        id(child)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for child in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import"
            base = node.module or ""
            names = [f"{base}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            yield name, id(node) in inside, node.lineno


def imported_room(name: str) -> str | None:
    parts = name.split(".")
    if parts[0] != "napari_brain_atlas" or len(parts) < 2:
        return None
    return "cli" if parts[1].startswith("cli") else parts[1]


def described(path: Path) -> str:
    return str(path.relative_to(REPOSITORY))


@pytest.mark.parametrize("path", MODULES, ids=described)
def test_rooms_import_only_what_lies_before_them(path: Path) -> None:
    room = room_of(path)
    if room in DOORS:
        return
    assert room in ROOMS, f"{room} is no room of the drawing"
    for name, lazy, line in imports(path):
        other = imported_room(name)
        if other is None or other == room or other not in ROOMS:
            continue
        allowed = ROOMS[room] | (LAZY.get(room, set()) if lazy else set())
        assert other in allowed, f"{described(path)}:{line} imports {name}"


@pytest.mark.parametrize("path", MODULES, ids=described)
def test_each_library_has_its_room(path: Path) -> None:
    room = room_of(path)
    for name, _, line in imports(path):
        library = name.split(".")[0]
        place = f"{described(path)}:{line} imports {name}"
        if library in DRAWING:
            assert room == "gui", place
        if library in STORING:
            assert room == "io", place
        ours = library == "napari_brain_atlas" or library in sys.stdlib_module_names
        if room == "model" and not ours:
            assert library in OF_THE_MODEL, place


def test_the_rules_catch_what_they_forbid(tmp_path: Path) -> None:
    path = tmp_path / "sample.py"
    path.write_text(
        "import h5py\nfrom napari_brain_atlas import gui\n"
        "def later():\n    from napari_brain_atlas.io.save import save_columns\n"
    )
    found = list(imports(path))
    assert found == [
        ("h5py", False, 1),
        ("napari_brain_atlas.gui", False, 2),
        ("napari_brain_atlas.io.save.save_columns", True, 4),
    ]
    assert [imported_room(name) for name, *_ in found] == [None, "gui", "io"]


@pytest.mark.parametrize("module", ["napari_brain_atlas", "napari_brain_atlas.cli"])
def test_importing_it_starts_neither_qt_nor_anndata(module: str) -> None:
    code = (
        f"import sys, {module}\n"
        f"unwanted = {sorted(DRAWING | STORING)!r}\n"
        "print(*sorted({m.split('.')[0] for m in sys.modules} & set(unwanted)))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    assert ran.stdout.split() == []


# -- what the repository holds -----------------------------------------------


@pytest.fixture(scope="module")
def tracked() -> list[Path]:
    """Every file that git tracks."""
    git = shutil.which("git")
    if git is None or not (REPOSITORY / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(
        [git, "-c", f"safe.directory={REPOSITORY}", "-C", str(REPOSITORY), "ls-files", "-z"],
        capture_output=True, text=True, check=True, timeout=60,
    ).stdout  # fmt: skip
    return [REPOSITORY / name for name in listed.split("\0") if name]


def test_the_top_level_is_as_drawn(tracked: list[Path]) -> None:
    top = {path.relative_to(REPOSITORY).parts[0] for path in tracked}
    assert top <= TOP
    assert top >= TOP - {".gitignore"}


def test_files_are_small(tracked: list[Path]) -> None:
    lengths = {
        described(path): len(path.read_text(encoding="utf-8").splitlines())
        for path in tracked
        if path.suffix == ".py" and path.exists()
    }
    assert {name: n for name, n in lengths.items() if n > LONGEST} == {}


# In parts, so that this file does not hold what it forbids.
FOREIGN = {
    "a path of one machine": r"(?<![\w./-])/(?:work|root|home|Users|mnt|opt)" + r"/\w",
    "a drive of one machine": r"\b[A-Z]:" + r"\\\w",
    "a host in a private network": r"(?<![=\d.])(?:10\.\d+|192\.168|172\.(?:1[6-9]|2\d|3[01]))"
    + r"(?:\.\d+){2}\b",
    "a package registry": r"(?:--(?:extra-)?index-url|https?://[^\s\"'>)]*" + r"/simple\b)",
}


@pytest.mark.parametrize("what", FOREIGN)
def test_nothing_names_the_machine_it_was_made_on(tracked: list[Path], what: str) -> None:
    pattern = re.compile(FOREIGN[what])
    hits = []
    for path in tracked:
        try:
            text = path.read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError):
            continue
        hits += [
            f"{described(path)}:{number}: {line.strip()[:80]}"
            for number, line in enumerate(text.splitlines(), 1)
            if pattern.search(line)
        ]
    assert hits == []


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("a path of one machine", 'open("/ho' + 'me/ann/x.h5ad")'),
        ("a drive of one machine", "C:" + "\\data"),
        ("a host in a private network", "http://192.168" + ".0.7:80"),
        ("a package registry", "pip install --index" + "-url x"),
    ],
)
def test_the_patterns_find_what_they_name(what: str, text: str) -> None:
    assert re.search(FOREIGN[what], text)
