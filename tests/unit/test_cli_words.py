"""Places, sizes, durations and ranges, as people type them."""

from __future__ import annotations

import argparse

import pytest

from daytona_tui.cli import narration
from daytona_tui.cli.amounts import ByteRange, count_of, range_of, seconds_of, size_of
from daytona_tui.cli.parsing import parser
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
        with pytest.raises(argparse.ArgumentTypeError):
            reads(text)


def test_a_place_is_a_sandbox_and_a_path() -> None:
    assert place("box") == ("box", "")
    assert place("box:") == ("box", "")
    assert place("box:a:b") == ("box", "a:b")
    with pytest.raises(argparse.ArgumentTypeError):
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
        (["pull", "box", "--skip", "a", "here"], {"first": "box", "rest": ["a", "here"], "conflict": "skip"}),
        (["push", "a", "--yes", "b", "box:"], {"words": ["a", "b", "box:"], "yes": True}),
        (["push", "--", "-a", "box:"], {"words": ["-a", "box:"]}),
        (["find", "box", "--type", "f", "*.py"], {"name": "*.py", "type": "f"}),
        (["cat", "box:a", "--range", "-5"], {"range": ByteRange(None, 5)}),
        (["list", "a", "--json", "b"], {"words": ["a", "b"], "json": True}),
        (["exec", "box", "--", "ls", "--json"], {"words": ["ls", "--json"]}),
        (["--read-only", "ls", "box", "-1"], {"read_only": True, "names": True}),
    ],
)
def test_flags_may_stand_between_words(words: list[str], expected: dict[str, object]) -> None:
    said = vars(parser().parse_args(words))

    assert {key: said[key] for key in expected} == expected


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
