"""Rules about the files themselves."""

from __future__ import annotations

import ast
import functools
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "daytona_tui"
MODULE_LINES = 400
FUNCTION_LINES = 50

_TEXT = {".py", ".md", ".toml", ".txt", ".tcss", ".yml", ".yaml", ".cfg", ".json", "", ".svg"}
# A home or scratch directory of some machine; those that programs in a sandbox see are meant.
_PRIVATE = re.compile(r"(?<![\w.~$}])/(?:root|Users/\w+|home/(?!\.?daytona)\w+|work|scratch)/[\w.-]+")
_INDEX = re.compile(
    r"index[-_]url|extra-index|--find-links|simple/\b.*https?://|https?://[^\s\"')]*(?:/simple\b|pypi)", re.I
)


def _modules() -> list[Path]:
    return sorted(SOURCE.rglob("*.py"))


@functools.cache
def _syntax() -> list[tuple[Path, ast.Module]]:
    return [(path, ast.parse(path.read_text())) for path in _modules()]


def _tracked() -> list[Path]:
    """Return the files that belong to the repository, or to the unpacked archive where there is no git."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode == 0:
        return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]
    rooms = ("src", "tests", "docs")
    return [path for room in rooms for path in (ROOT / room).rglob("*") if path.is_file()]


def _texts() -> list[tuple[Path, str]]:
    return [
        (path, path.read_text(encoding="utf-8", errors="replace"))
        for path in _tracked()
        if path.suffix in _TEXT and path != Path(__file__)
    ]


def test_no_module_outgrows_its_budget(capsys: pytest.CaptureFixture[str]) -> None:
    lines = sorted(((len(path.read_text().splitlines()), path) for path in _modules()), reverse=True)

    with capsys.disabled():
        largest = ", ".join(f"{path.relative_to(SOURCE)} {count}" for count, path in lines[:5])
        sys.stdout.write(f"\nlargest modules: {largest}\n")
    assert [(str(path), count) for count, path in lines if count > MODULE_LINES] == []


def test_no_function_outgrows_a_screen() -> None:
    """Its statements, that is; tables of demonstration data are not counted."""
    too_long = []
    for path, module in _syntax():
        if path.parent.name == "seed":
            continue
        for node in ast.walk(module):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                documented = node.body[1:] if ast.get_docstring(node) is not None else node.body
                length = (node.end_lineno or 0) - documented[0].lineno + 1 if documented else 0
                if length > FUNCTION_LINES:
                    too_long.append(f"{path.relative_to(SOURCE)}:{node.lineno} {node.name} {length}")

    assert too_long == []


def test_no_file_names_a_package_index() -> None:
    assert [
        f"{path.relative_to(ROOT)}: {hit.group()}" for path, text in _texts() for hit in _INDEX.finditer(text)
    ] == []


def test_no_file_names_a_directory_of_one_machine() -> None:
    hits = [f"{path.relative_to(ROOT)}: {hit.group()}" for path, text in _texts() for hit in _PRIVATE.finditer(text)]

    assert hits == []


def test_nothing_in_the_source_prints() -> None:
    calls = [
        f"{path.relative_to(SOURCE)}:{node.lineno}"
        for path, module in _syntax()
        for node in ast.walk(module)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]

    assert calls == []


def test_only_two_modules_write_to_the_standard_streams() -> None:
    writers = {
        str(path.relative_to(SOURCE))
        for path in _modules()
        if re.search(r"sys\.(stdout|stderr)(\.buffer)?\.(write|flush)", path.read_text())
    }

    # The emulator is a program of its own: its one line of JSON and its complaints. So are what works on hostile files,
    # and what deletes a sandbox when nobody else can.
    programs = {"emulator/command.py", "presentation/previews/studio.py", "client/guardian.py"}
    assert writers <= {"cli/output.py", "cli/narration.py", *programs}


def test_every_exit_code_of_an_error_has_a_meaning() -> None:
    from daytona_tui import errors
    from daytona_tui.cli.exit_codes import MEANINGS, ExitCode

    codes = {kind.exit_code for kind in vars(errors).values() if isinstance(kind, type) and hasattr(kind, "exit_code")}

    assert {ExitCode(code) for code in codes} <= set(MEANINGS)
    assert set(MEANINGS) == set(ExitCode)
