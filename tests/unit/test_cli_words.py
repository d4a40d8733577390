"""Places, sizes, durations and ranges, as people type them."""

from __future__ import annotations

import click
import pytest

from daytona_tui.cli import narration
from daytona_tui.cli.amounts import ByteRange, count_of, range_of, seconds_of, size_of
from daytona_tui.cli.grammar import Common
from daytona_tui.cli.parsing import whole
from daytona_tui.cli.places import place, remote_path
from daytona_tui.cli.subcommands.pull import meant
from daytona_tui.cli.trouble import Refusal


@pytest.mark.parametrize(
    ("text", "expected"),
    [("0", 0), ("500", 500), ("64K", 65536), ("1.5m", 1572864), ("2GiB", 2 << 30), ("1TB", 1 << 40)],
)
def test_sizes(text: str, expected: int) -> None:
    assert size_of(text) == expected


@pytest.mark.parametrize(("text", "expected"), [("30s", 30), ("1.5h", 5400), ("7d", 604800), ("2W", 1209600)])
def test_durations(text: str, expected: float) -> None:
    assert seconds_of(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("0-99", ByteRange(0, 100)), ("5-5", ByteRange(5, 1)), ("100-", ByteRange(100)), ("-500", ByteRange(None, 500))],
)
def test_ranges(text: str, expected: ByteRange) -> None:
    assert range_of(text) == expected


@pytest.mark.parametrize("text", ["", "-", "x", "5-1", "1-2-3", "٣-٤", "-5K", "1e3", " 1", "9" * 20, "1--2"])
def test_nonsense_is_refused(text: str) -> None:
    for reads in (size_of, seconds_of, range_of, count_of):
        with pytest.raises(click.BadParameter):
            reads(text)


def test_a_place_is_a_sandbox_and_a_path() -> None:
    assert place("box") == ("box", "")
    assert place("box:") == ("box", "")
    assert place("box:a:b") == ("box", "a:b")
    with pytest.raises(click.BadParameter):
        place(":a")


@pytest.mark.parametrize(
    ("said", "meant_path"),
    [
        ("", "/home/daytona/work"),
        (".", "/home/daytona/work"),
        ("a/../b", "/home/daytona/work/b"),
        ("/etc/", "/etc"),
        ("~", "/home/daytona"),
        ("~/x", "/home/daytona/x"),
        ("~x", "/home/daytona/work/~x"),
    ],
)
def test_paths_begin_at_the_working_directory(said: str, meant_path: str) -> None:
    assert remote_path(said, "/home/daytona/work") == meant_path


def test_the_forms_of_a_pull() -> None:
    assert meant("box", []) == (("box", ""), None)
    assert meant("box:a", []) == (("box", "a"), None)
    assert meant("box:a", ["here"]) == (("box", "a"), "here")
    assert meant("box:", ["here"]) == (("box", ""), "here")
    assert meant("box", ["a"]) == (("box", "a"), None)
    assert meant("box", ["a", "here"]) == (("box", "a"), "here")
    assert meant("b:ox", ["a", "here"]) == (("b:ox", "a"), "here")
    for first, rest in ((":a", []), ("", []), ("box", ["a", "b", "c"])):
        with pytest.raises(Refusal):
            meant(first, rest)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["pull", "box", "--skip", "a", "here"], {"first": "box", "rest": ("a", "here"), "skip": True}),
        (["push", "a", "--yes", "b", "box:"], {"sources": ("a", "b", "box:"), "yes": True}),
        (["push", "--", "-a", "box:"], {"sources": ("-a", "box:")}),
        (["find", "box", "--type", "f", "*.py"], {"name": "*.py", "type": "f"}),
        (["cat", "box:a", "--range", "-5"], {"part": ByteRange(None, 5)}),
        (["list", "a", "--json", "b"], {"words": ("a", "b"), "form": "json"}),
        (["exec", "box", "--", "ls", "--json"], {"words": ("ls", "--json"), "form": "text"}),
        (["exec", "box", "ls", "--cwd", "--"], {"words": ("ls", "--cwd", "--"), "cwd": ""}),
        (["exec", "box", "-e", "A=b", "--cwd=/", "-i", "ls", "-e"], {"words": ("ls", "-e"), "cwd": "/", "stdin": True}),
        (["exec", "--cwd", "/", "box", "--", "-x", "--", "y"], {"words": ("-x", "--", "y"), "cwd": "/"}),
        (["run", "box", "a.py", "--json", "--", "--json"], {"file": "a.py", "args": ("--json",), "form": "json"}),
        (["run", "box", "-"], {"file": "-", "form": "text"}),
        (["--read-only", "ls", "box", "-1"], {"read_only": True, "names": True}),
        (["ls", "box", "--read-only", "--jsonl"], {"read_only": True, "form": "jsonl"}),
    ],
)
def test_flags_may_stand_between_words(words: list[str], expected: dict[str, object]) -> None:
    common = Common()
    with whole().make_context("daytona-tui", words, obj=common) as context:
        said = understood(context)

    found = {**said, "form": common.form, "read_only": common.read_only}
    assert {key: found[key] for key in expected} == expected


def understood(context: click.Context) -> dict[str, object]:
    """What the words of a subcommand come to."""
    group = context.command
    assert isinstance(group, click.Group)
    name, command, words = group.resolve_command(context, [*context._protected_args, *context.args])
    assert command is not None
    with command.make_context(name, words, parent=context) as below:
        return below.params


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["ls"], "Missing argument"),
        (["ls", "box", "-1", "--json"], "--json is not allowed with --names"),
        (["reap", "x", "--apply", "p", "--plan", "q"], "--apply is not allowed with --plan"),
        (["pull", "box", "--skip", "--conflict", "newer"], "--skip is not allowed with --conflict"),
        (["--local", "list"], "--local is for the screen; list opens none"),
        (["lst"], "Did you mean one of: 'list', 'ls'"),
        (["list", "--jsno"], "Did you mean"),
        (["ls", ":x"], "names no sandbox"),
        (["--seed", "x"], "'x' is not empty, demo, fleet:N or leaky:N"),
    ],
)
def test_what_is_not_understood_is_told(words: list[str], told: str) -> None:
    with pytest.raises(click.UsageError) as raised, whole().make_context("daytona-tui", words, obj=Common()) as context:
        context.command.invoke(context)

    assert told in raised.value.format_message()


def test_progress_is_a_line_a_second_where_nobody_watches(
    monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    clock = [100.0]
    monkeypatch.setattr("daytona_tui.cli.narration.time.monotonic", lambda: clock[0])
    shown = narration.Progress()

    for number in range(30):
        clock[0] += 0.1
        shown.show(f"{number} of 30 \x1b[2J")
    clock[0] += 10
    shown.show("29 of 30 \x1b[2J")
    shown.show("30 of 30")
    shown.end()

    lines = capfdbinary.readouterr().err.decode().splitlines()
    assert 2 <= len(lines) <= 4, lines
    assert all(line.startswith("daytona-tui: ") for line in lines)
    assert "\x1b" not in "".join(lines)
