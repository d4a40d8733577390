"""``write``, and what ``push``, ``ls``, ``cat`` and ``exec`` tell of files and programs as data."""

from __future__ import annotations

import json
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest
from tests.cli.conftest import Run, start

from daytona_tui.cli.remote_output import Collected
from daytona_tui.cli.subcommands.cat import mime_type
from daytona_tui.cli.subcommands.ls import permissions
from daytona_tui.domain.executions import Stream


async def test_a_text_a_file_and_standard_input_become_files(run: Run, env: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "here.py").write_bytes(b"print(1)\n")

    text = await run("write", "scratch:box/a.txt", "--text", "h\u00e9")
    inside = await run("write", "scratch:box", "--from", "here.py", "--json")
    named = await run("write", "scratch:box/", "--from", "here.py", "--name", "b.py", "--jsonl")
    process = await start("write", "scratch:box/c", cwd=tmp_path, env=env, stdin=PIPE)
    await process.communicate(b"\0\xff")
    pushed = await run("push", "here.py", "scratch:box/", "--name", "d.py")

    assert [each.code for each in (text, inside, named, pushed)] == [0, 0, 0, 0], text.err + inside.err + pushed.err
    assert text.out.startswith(b"scratch:/")
    told = json.loads(inside.out)
    assert (Path(told["path"]).name, told["name"], told["size_bytes"], told["written"]) == ("here.py",) * 2 + (9, True)
    rows = json.loads((await run("ls", "scratch:box", "--json")).out)
    assert [(row["name"], row["size_bytes"], row["is_dir"]) for row in rows] == [
        ("a.txt", 3, False),
        ("b.py", 9, False),
        ("c", 2, False),
        ("d.py", 9, False),
        ("here.py", 9, False),
    ]
    assert all(set(row) >= {"mode", "permissions", "owner", "group", "modified_at"} for row in rows)
    read = json.loads((await run("cat", "scratch:box/b.py", "--json")).out)
    assert (read["name"], read["mime_type"], read["file_bytes"]) == ("b.py", "text/x-python", 9)

    refused = await run("write", "scratch:box/a.txt", "--text", "x")
    skipped = await run("write", "scratch:box/a.txt", "--text", "x", "--conflict", "skip", "--json")
    replaced = await run("write", "scratch:box/a.txt", "--text", "xy", "--overwrite", "--json")
    assert (refused.code, skipped.code, replaced.code) == (6, 0, 0)
    assert (json.loads(skipped.out)["written"], json.loads(replaced.out)["size_bytes"]) == (False, 2)


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["write", "scratch:box/", "--text", "x"], 2, "has no name"),
        (["write", "scratch", "--text", "x"], 2, "has no name"),
        (["write", "scratch:a", "--text", "x", "--from", "y"], 2, "not allowed with"),
        (["write", "scratch:", "--from", "nowhere", "--name", "n"], 2, "nowhere"),
        (["write", "scratch:", "--text", "x", "--name", "a/b"], 2, "not the name of a file"),
        (["push", "a", "b", "scratch:", "--name", "n"], 2, "names one file"),
        (["--read-only", "write", "scratch:x", "--text", "y"], 2, "nothing was done"),
    ],
)
async def test_what_cannot_be_written_is_said(run: Run, words: list[str], code: int, told: str) -> None:
    outcome = await run(*words)

    assert (outcome.code, outcome.out) == (code, b"")
    assert told in outcome.err


async def test_a_program_as_an_object(run: Run) -> None:
    outcome = await run("exec", "scratch", "--json", "--", "echo out; echo err >&2; exit 7")
    late = await run("exec", "scratch", "--jsonl", "--timeout", "1", "--", "echo begun; sleep 60")

    assert (outcome.code, outcome.err) == (7, "")
    assert json.loads(outcome.out) == {
        "exit_code": 7,
        "output": "out\n",
        "errors": "err\n",
        "is_cut": False,
        "is_timed_out": False,
    }
    assert late.code == 124
    assert json.loads(late.out)["is_timed_out"] is True


def test_no_more_is_kept_of_a_stream_than_there_is_room_for() -> None:
    written = Collected(3)
    for text in ("ab", "cd", "e"):
        written.write(Stream.STDOUT, text)
    written.write(Stream.STDERR, "xyz")

    assert (written.texts[Stream.STDOUT], written.texts[Stream.STDERR], written.is_cut) == ("abc", "xyz", True)


@pytest.mark.parametrize(
    ("mode", "digits"),
    [("-rwxr-xr-x", "0755"), ("drwxrwxrwt", "1777"), ("-rwsr-Sr--", "6744"), ("Lrwxrwxrwx", "0777"), ("", None)],
)
def test_a_mode_as_digits(mode: str, digits: str | None) -> None:
    assert permissions(mode) == digits
    assert permissions("-rwxrwxrwy") is None


def test_a_type_by_name_or_else_by_contents() -> None:
    assert mime_type("a.png", "base64") == "image/png"
    assert mime_type("README", "utf-8") == "text/plain"
    assert mime_type("core", "base64") == "application/octet-stream"
    assert mime_type("a.tar.gz", "base64") == "application/octet-stream"
