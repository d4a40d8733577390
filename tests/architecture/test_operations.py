"""Every operation of the platform has a subcommand, a way on the screen and tests; every subcommand has a row."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from daytona_tui.cli import trouble
from daytona_tui.cli.catalogue import CATALOGUE
from daytona_tui.cli.grammar import Common
from daytona_tui.cli.parsing import whole

DOCS = Path(__file__).resolve().parents[2] / "docs"

PLATFORM = {
    *("create", "list", "get", "start", "stop", "force-stop", "pause", "resume", "archive", "restore", "recover"),
    *("resize", "fork", "delete", "exec", "run", "push", "write", "pull", "cat", "ls", "clone", "sessions", "pty"),
    *("snapshots", "volumes", "secrets", "preview", "ports", "ssh", "regions", "quotas", "usage", "audit", "doctor"),
    "run-once",
}
GIT = ("status", "diff", "log", "branches", "checkout", "add", "commit", "pull", "push", "patch")


@pytest.fixture(scope="module")
def rows() -> ModuleType:
    spec = importlib.util.spec_from_file_location("operation_rows", DOCS / "operation_rows.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_every_row_names_what_there_is(rows: ModuleType) -> None:
    assert rows.mistakes() == []


def test_every_operation_of_the_platform_has_a_row(rows: ModuleType) -> None:
    told = {word for row in rows.ROWS for word in row.subcommands}
    assert {word.split()[0] for word in told} >= PLATFORM
    assert {f"git {verb}" for verb in GIT} <= told


def test_every_verb_that_a_row_names_is_one(rows: ModuleType) -> None:
    import click

    group = whole()
    with click.Context(group, obj=Common()) as context:
        for words in (word.split() for row in rows.ROWS for word in row.subcommands):
            command = group.get_command(context, words[0])
            if len(words) > 1:
                assert isinstance(command, click.Group)
                assert command.get_command(context, words[1]) is not None, words


def test_every_subcommand_has_the_flags_of_all(rows: ModuleType) -> None:
    """One word for one thing: data is asked for, questions are left out and waits are ended everywhere alike."""
    import click

    texts_only = {"ssh connect", "pty attach", "completion", "man", "emulator"}
    local = {"logout", "completion", "man", "emulator"}
    group = whole()

    def leaves(command: click.Command, context: click.Context, name: str) -> list[tuple[str, click.Command]]:
        if not isinstance(command, click.Group):
            return [(name, command)]
        below = [(verb, command.get_command(context, verb)) for verb in command.list_commands(context)]
        return [leaf for verb, each in below if each for leaf in leaves(each, context, f"{name} {verb}")]

    with click.Context(group, obj=Common()) as context:
        for name in CATALOGUE:
            command = group.get_command(context, name)
            assert command is not None
            for words, leaf in leaves(command, context, name):
                flags = {flag for each in leaf.params for flag in each.opts}
                assert {"--profile", "--read-only"} <= flags, words
                assert ("--json" in flags) == ("--jsonl" in flags), words
                assert ("--timeout" in flags) != (words in local), words
                shown = {flag for each in leaf.params if not getattr(each, "hidden", False) for flag in each.opts}
                assert ("--json" in shown) != (words in texts_only), words
                assert "--json" in flags or words == "emulator", words  # whose words are its own


def test_every_code_of_a_refusal_is_documented() -> None:
    import re

    sources = (DOCS.parent / "src" / "daytona_tui" / "cli").rglob("*.py")
    codes = {code for path in sources for code in re.findall(r'Refusal\(\s*"(\w+)"', path.read_text(encoding="utf-8"))}
    codes |= {code for _, code in trouble._CODES} | {"usage", "interrupted", "internal"}
    told = (DOCS / "json.md").read_text(encoding="utf-8")

    assert len(codes) > 15
    assert [code for code in sorted(codes) if f"`{code}`" not in told] == []
