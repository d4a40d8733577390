"""``ls``, ``cat``, ``du`` and ``find`` look into a sandbox: exactly for programs, harmlessly for people."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from pathlib import Path

import pytest
from tests.cli.conftest import Run, finish, start
from tests.cli.test_asking import terminal

from daytona_tui.emulator.server import Emulator

ASLEEP = "hermes-refactor-auth"


async def _plant(run: Run, script: str) -> None:
    outcome = await run("exec", "scratch", "--", f"mkdir -p box && cd box && {script}")
    assert outcome.code == 0, outcome.err


async def test_ls_shows_a_directory(run: Run) -> None:
    await _plant(run, "printf one > b; mkdir sub; printf 12345 > .hidden; head -c 2048 /dev/zero > a; chmod 600 a")

    table = (await run("ls", "scratch:box")).out.decode().splitlines()
    names = await run("ls", "scratch:box", "--names")
    everything = await run("ls", "scratch:box", "-a", "-0", "--sort", "size")
    told = json.loads((await run("ls", "scratch:box", "-a", "--json")).out)

    assert table[0].split() == ["MODE", "OWNER", "SIZE", "AGE", "NAME"]
    assert [line.split()[-1] for line in table[1:]] == ["a", "b", "sub/"]
    assert "-rw-------" in table[1]
    assert "2.0K" in table[1]
    assert names.out == b"a\nb\nsub\n"
    assert everything.out == b"a\0.hidden\0b\0sub\0"
    assert [(each["name"], each["type"], each["size_bytes"]) for each in told] == [
        (".hidden", "file", 5),
        ("a", "file", 2048),
        ("b", "file", 3),
        ("sub", "directory", None),
    ]
    assert told[1]["path"].endswith("/box/a")
    assert told[1]["modified_at"]


async def test_ls_describes_a_file_and_goes_deeper(run: Run) -> None:
    await _plant(run, "mkdir -p one/two; printf x > one/two/three; printf y > one/.dot")

    assert (await run("ls", "scratch:box/one/two/three", "-1")).out == b"three\n"
    assert (await run("ls", "scratch:box", "--depth", "2", "-1")).out == b"one\none/two\n"
    deeper = await run("ls", "scratch:~/box", "--depth", "9", "-1", "-a")
    assert deeper.out == b"one\none/.dot\none/two\none/two/three\n"


async def test_odd_names_are_exact_for_programs_and_harmless_in_tables(run: Run) -> None:
    await _plant(run, r"""printf x > "$(printf 'new\nline')"; printf y > "$(printf '\033[2Jclear')" """)

    assert (await run("ls", "scratch:box", "-0")).out == b"\x1b[2Jclear\0new\nline\0"
    assert b"\x1b" not in (await run("ls", "scratch:box")).out
    found = await run("find", "scratch:box", "new*", "-0")
    assert found.out.endswith(b"/box/new\nline\0")
    used = json.loads((await run("du", "scratch:box", "--json")).out)
    assert sorted(Path(each["path"]).name for each in used["entries"]) == ["\x1b[2Jclear", "new\nline"]


async def test_cat_writes_bytes_as_they_are(run: Run) -> None:
    await _plant(run, r"""printf 'a\0b\377\r\n' > odd; : > empty; head -c 3000000 /dev/zero | tr '\0' z > large""")

    assert (await run("cat", "scratch:box/odd")).out == b"a\0b\xff\r\n"
    assert (await run("cat", "scratch:box/empty")).out == b""
    assert (await run("cat", "scratch:box/large")).out == b"z" * 3_000_000
    assert (await run("pull", "scratch:box/odd", "-")).out == b"a\0b\xff\r\n"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("0-3", b"0123"),
        ("6-", b"6789"),
        ("-3", b"789"),
        ("4-4", b"4"),
        ("-99", b"0123456789"),
        ("20-30", b""),
        ("-0", b""),
    ],
)
async def test_cat_writes_a_part(run: Run, said: str, expected: bytes) -> None:
    await _plant(run, "printf 0123456789 > digits")

    outcome = await run("cat", "scratch:box/digits", "--range", said)

    assert (outcome.code, outcome.out) == (0, expected), outcome.err


async def test_cat_as_an_object(run: Run) -> None:
    await _plant(run, r"""printf 'gr\303\274n' > text; printf '\377\376' > bytes""")

    text = json.loads((await run("cat", "scratch:box/text", "--json")).out)
    raw = json.loads((await run("cat", "scratch:box/bytes", "--json", "--range", "1-")).out)

    assert (text["encoding"], text["contents"], text["size_bytes"]) == ("utf-8", "grün", 5)
    assert (raw["encoding"], raw["contents"], raw["first"], raw["file_bytes"]) == ("base64", "/g==", 1, 2)


async def test_a_terminal_gets_harmless_text_and_nothing_else(
    run: Run, env: dict[str, str], tmp_path: Path, emulator: Emulator
) -> None:
    await _plant(run, r"""printf 'plain\n\033[2Jhostile\n' > text; printf 'ELF\0\0' > program""")

    async with terminal("cat", "scratch:box/text", cwd=tmp_path, env=env, shows_output=True) as shown:
        await shown.until("hostile")
        assert await shown.code() == 0
        assert "\x1b[2J" not in shown.text
        assert "plain" in shown.text
    async with terminal("cat", "scratch:box/program", cwd=tmp_path, env=env, shows_output=True) as shown:
        await shown.until("is not text")
        assert await shown.code() == 2


async def test_a_reader_that_goes_away_ends_cat(run: Run, tmp_path: Path, env: dict[str, str]) -> None:
    await _plant(run, "head -c 30000000 /dev/zero > large")
    process, reading = await _start_into_a_pipe("cat", "scratch:box/large", cwd=tmp_path, env=env)
    await asyncio.to_thread(os.read, reading, 1)

    os.close(reading)

    assert (await finish(process)).code == 141


async def test_a_reader_that_stands_still_does_not_hold_cat(run: Run, tmp_path: Path, env: dict[str, str]) -> None:
    await _plant(run, "head -c 30000000 /dev/zero > large")
    process, reading = await _start_into_a_pipe("cat", "scratch:box/large", cwd=tmp_path, env=env)
    try:
        await asyncio.to_thread(os.read, reading, 1)
        outcome = await finish(process, signals=(signal.SIGINT,))
    finally:
        os.close(reading)

    assert outcome.code == 130
    assert "Traceback" not in outcome.err
    assert "Fatal" not in outcome.err


async def _start_into_a_pipe(*words: str, cwd: Path, env: dict[str, str]) -> tuple[asyncio.subprocess.Process, int]:
    """Start the command with a pipe for its output that nobody empties; return it and the end to read from."""
    reading, writing = os.pipe()
    process = await start(*words, cwd=cwd, env=env, stdout=writing)
    os.close(writing)
    return process, reading


async def test_du_names_the_largest_first(run: Run) -> None:
    await _plant(
        run, "mkdir -p big/er; head -c 300000 /dev/zero > big/er/f; head -c 100000 /dev/zero > small; : > none"
    )

    table = (await run("du", "scratch:box")).out.decode().splitlines()
    told = json.loads((await run("du", "scratch:box", "--depth", "2", "--json")).out)
    one = await run("du", "scratch:box", "--most", "1")

    assert [line.split()[-1] for line in table[1:4]] == ["big", "small", "none"]
    assert table[-1].endswith("/box")
    names = [Path(each["path"]).name for each in told["entries"]]
    assert names[:3] == ["big", "er", "small"]
    assert told["size_bytes"] >= 400_000
    assert told["measure"] == "blocks"
    assert not told["is_partial"]
    assert len(one.out.splitlines()) == 3
    assert "2 smaller ones" in one.err


async def test_find_by_name_kind_size_and_age(run: Run) -> None:
    """What each condition finds is shown in tests/operations/test_searching.py."""
    await _plant(run, "mkdir src; printf x > src/One.py; printf y > src/two.py; touch -d '3 days ago' src/two.py")

    found = await run("find", "scratch:box", "one.*", "-i", "--newer", "1d", "--type", "f", "--smaller", "1K")
    told = json.loads((await run("find", "scratch:box", "--depth", "1", "--larger", "0", "--json")).out)
    long = (await run("find", "scratch:box", "*.py", "-l", "--most", "1")).out.decode().splitlines()

    assert [line.partition("/box/")[2] for line in found.out.decode().splitlines()] == ["src/One.py"]
    assert [(Path(each["path"]).name, each["type"], each["size_bytes"]) for each in told] == [
        ("box", "directory", None),
        ("src", "directory", None),
    ]
    assert long[0].split() == ["TYPE", "SIZE", "AGE", "PATH"]
    assert long[1].split()[:2] == ["file", "1"]
    assert len(long) == 2


async def test_find_by_contents(run: Run) -> None:
    await _plant(run, r"""printf 'a\nneedle here\n' > one.txt; printf 'needle\n' > two.md; printf 'needle\0' > blob""")

    lines = await run("find", "scratch:box", "--contains", "needle")
    only = await run("find", "scratch:box", "*.txt", "--contains", "needle")
    told = json.loads((await run("find", "scratch:box", "--contains", "needle here", "--json")).out)
    paths = await run("find", "scratch:box", "--contains", "needle", "-0")

    assert [line.partition("/box/")[2] for line in lines.out.decode().splitlines()] == [
        "one.txt:2:needle here",
        "two.md:1:needle",
    ]
    assert only.out.decode().splitlines() == lines.out.decode().splitlines()[:1]
    assert [(Path(each["path"]).name, each["line"], each["text"]) for each in told] == [("one.txt", 2, "needle here")]
    assert paths.out.count(b"\0") == 2


@pytest.mark.parametrize(
    ("words", "code", "kind"),
    [
        (["ls", "scratch:nowhere"], 5, "not_found"),
        (["cat", "scratch:nowhere"], 5, "not_found"),
        (["du", "scratch:nowhere"], 5, "not_found"),
        (["find", "scratch:nowhere"], 5, "not_found"),
        (["ls", "nobody"], 5, "not_found"),
        (["cat", "scratch:."], 6, "not_copied"),
        (["cat", "scratch"], 2, "usage"),
        (["cat", "scratch:x", "--range", "5-1"], 2, "usage"),
        (["ls", ":x"], 2, "usage"),
        (["find", "scratch", "--larger", "much"], 2, "usage"),
        (["find", "scratch", "--newer", "soon"], 2, "usage"),
        (["du", "scratch", "--depth", "-1"], 2, "usage"),
        (["ls", ASLEEP], 1, "conflict"),
        (["--read-only", "ls", ASLEEP, "--start"], 2, "settings"),
    ],
)
async def test_what_cannot_be_told_is_an_error_and_an_object(run: Run, words: list[str], code: int, kind: str) -> None:
    told = await run(*words, "--json")

    assert told.code == code, told.err
    error = json.loads(told.out)["error"]
    assert (error["code"], error["exit_code"]) == (kind, code)
    assert "Traceback" not in told.err


async def test_who_sleeps_is_started_for_it_and_stopped_again(run: Run) -> None:
    refused = await run("ls", ASLEEP)
    slip = await run("ls", f"{ASLEEP}/x")
    assert "behind a colon" in slip.err
    assert "start it first" in refused.err
    assert "--start" in refused.err
    assert "stop it again" in refused.err

    listed = await run("ls", ASLEEP, "--start", "--json")
    missing = await run("cat", f"{ASLEEP}:nowhere", "--start")

    assert listed.code == 0
    assert isinstance(json.loads(listed.out), list)
    assert f"starting {ASLEEP}" in listed.err
    assert f"stopping {ASLEEP}" in listed.err
    assert missing.code == 5
    (row,) = json.loads((await run("list", f"name:{ASLEEP}", "--json")).out)
    assert row["state"] == "stopped"


async def test_looking_does_not_count_as_activity(run: Run) -> None:
    await _plant(run, "printf x > a")

    async def active_at() -> str:
        (row,) = json.loads((await run("list", "name:scratch", "--json")).out)
        return str(row["last_activity_at"])

    before = await active_at()
    for words in (["ls", "scratch:box"], ["cat", "scratch:box/a"], ["du", "scratch:box"], ["find", "scratch:box"]):
        assert (await run(*words)).code == 0
    assert await active_at() == before
