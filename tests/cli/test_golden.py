"""Every subcommand against its golden files: the help, what people read, and what programs read.

``UPDATE_GOLDEN=1`` keeps what is written now. ``docs/json.md`` and ``docs/schema.json`` are made of the JSON files.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from tests.cli.conftest import Run
from tests.cli.golden_cases import CASES, Case, Words
from tests.cli.golden_files import FOLDER, Same, as_text, compare, digits_gone, shape

from daytona_tui.cli.catalogue import CATALOGUE
from daytona_tui.cli.grammar import Common
from daytona_tui.cli.parsing import whole
from daytona_tui.emulator.server import Emulator

UPDATES = bool(os.environ.get("UPDATE_GOLDEN"))
SCHEMA = Path(__file__).parents[2] / "docs" / "schema.json"
RUN = [name for name in CATALOGUE if name in CASES and not CASES[name].not_run]
READ = [name for name in RUN if CASES[name].has_text]
CODE = "import sys\nprint(sys.argv[1:])\n"


def helps(command: click.Command, context: click.Context) -> Iterator[str]:
    """The help of a command, and of those below it."""
    yield command.get_help(context)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from helps(below, context_of(below, context, name))


def context_of(command: click.Command, parent: click.Context, name: str) -> click.Context:
    """A context that is a hundred cells wide."""
    return click.Context(command, parent, name, terminal_width=100, help_option_names=["-h", "--help"])


@pytest.mark.parametrize("name", CATALOGUE)
def test_the_help(name: str) -> None:
    group = whole()
    with click.Context(group, info_name="daytona-tui", obj=Common(), terminal_width=100) as context:
        command = group.get_command(context, name)
        assert command is not None
        told = "\n\n\n".join(helps(command, context_of(command, context, name)))

    compare(f"{name}.help", f"{told}\n", updates=UPDATES)


def same(emulator: Emulator, tmp_path: Path) -> Same:
    return Same({str(tmp_path): "<here>", emulator.api_key: "<key>"})


async def prepared(run: Run, case: Case, tmp_path: Path) -> None:
    (tmp_path / "code.py").write_text(CODE)
    for words in case.before:
        outcome = await run(*words, **dict(case.env))
        assert outcome.code == 0, (words, outcome.err)


def said(words: Words) -> str:
    import shlex

    return f"daytona-tui {shlex.join(words)}"


@pytest.mark.parametrize("name", READ)
async def test_what_people_read(name: str, run: Run, emulator: Emulator, tmp_path: Path) -> None:
    case, alike, parts = CASES[name], same(emulator, tmp_path), []
    await prepared(run, case, tmp_path)

    for words in case.runs:
        outcome = await run(*words, **dict(case.env))
        out, err = alike.text(outcome.out.decode()), alike.text(outcome.err)
        if case.is_vague:
            out, err = digits_gone(out), digits_gone(err)
        told = "\n".join(part for part in (out, f"[stderr]\n{err}" if err else "") if part)
        parts.append(f"$ {said(words)}\n{told}\n[exit {outcome.code}]\n")

    compare(f"{name}.text", "\n".join(parts), updates=UPDATES)


def with_json(words: Words) -> Words:
    at = words.index("--") if "--" in words else len(words)
    return (*words[:at], "--json", *words[at:])


@pytest.mark.parametrize("name", RUN)
async def test_what_programs_read(name: str, run: Run, emulator: Emulator, tmp_path: Path) -> None:
    case, alike, told = CASES[name], same(emulator, tmp_path), []
    await prepared(run, case, tmp_path)
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    kept = shape if case.is_vague else alike.value

    for words in (with_json(words) for words in case.runs if words not in case.untold):
        outcome = await run(*words, **dict(case.env))
        value = json.loads(outcome.out)
        told.append({"run": said(words), "exit_code": outcome.code, "value": kept(value)})
        if not UPDATES:
            kind = "error" if isinstance(value, dict) and "error" in value else schema["x-runs"][said(words)]
            Draft202012Validator({**schema["$defs"][kind], "$defs": schema["$defs"]}).validate(value)

    compare(f"{name}.json", as_text(told), updates=UPDATES)


def test_every_subcommand_is_shown() -> None:
    assert set(CASES) == set(CATALOGUE)
    kept = {path.name for path in FOLDER.iterdir()}
    wanted = (
        {f"{name}.help" for name in CATALOGUE} | {f"{name}.json" for name in RUN} | {f"{name}.text" for name in READ}
    )
    assert kept == wanted
