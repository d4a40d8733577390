"""``list`` shows what the screen shows, and promises its JSON keys."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import shlex
import struct
import termios
from pathlib import Path

import pytest
from tests.cli.conftest import COMMAND, Run, finish, start

from daytona_tui.emulator.server import Emulator
from daytona_tui.presentation.safe_text import cell_width

KEYS = [
    "id",
    "name",
    "state",
    "state_word",
    "desired_state",
    "organization_id",
    "region",
    "snapshot",
    "user",
    "labels",
    "owner",
    "cpu",
    "memory_gib",
    "disk_gib",
    "gpu",
    "auto_stop_min",
    "auto_pause_min",
    "auto_archive_min",
    "auto_delete_min",
    "destroy_at",
    "next_event",
    "created_at",
    "updated_at",
    "last_activity_at",
    "error_reason",
    "recoverable",
    "public",
    "backup_state",
    "warm_pool_id",
    "oddities",
]


async def test_json_has_every_sandbox_with_the_promised_keys(run: Run, emulator: Emulator) -> None:
    outcome = await run("list", "--json")

    rows = json.loads(outcome.out)
    assert (outcome.code, outcome.err) == (0, "")
    assert {row["id"] for row in rows} == set(emulator.fleet.records)
    assert [list(row) for row in rows] == [KEYS] * len(rows)
    assert outcome.out.isascii()


async def test_json_values_are_those_of_the_server(run: Run, emulator: Emulator) -> None:
    outcome = await run("list", "--json")

    for row in json.loads(outcome.out):
        record = emulator.fleet.records[row["id"]]
        assert (row["name"], row["state"], row["labels"]) == (record.name, record.state, dict(record.labels))


async def test_the_table_has_the_columns_of_the_screen(run: Run, emulator: Emulator) -> None:
    outcome = await run("list")

    head, *rows = outcome.out.decode().splitlines()
    assert head.split() == ["NAME", "STATE", "OWNER", "AGE", "IDLE", "NEXT", "$/DAY"]
    assert [row.split()[0] for row in rows] == sorted(record.name for record in emulator.fleet.records.values())


@pytest.mark.parametrize("emulator", ["fleet:450"], indirect=True)
async def test_every_page_is_listed(run: Run, emulator: Emulator) -> None:
    assert len(json.loads((await run("list", "--json")).out)) == len(emulator.fleet.records) > 400


async def test_a_state_narrows_the_list(run: Run, emulator: Emulator) -> None:
    outcome = await run("list", "--json", "--state", "archived", "--state", "build-failed")

    wanted = {key for key, record in emulator.fleet.records.items() if record.state in ("archived", "build_failed")}
    assert {row["id"] for row in json.loads(outcome.out)} == wanted
    assert wanted


@pytest.mark.parametrize(
    "words",
    [
        ("state:archived,build-failed",),
        ("--filter", "state:archived or state:build-failed"),
        ("state:archived or", "state:build_failed"),
        ("--state", "archived", "--state", "build-failed", "name:*"),
        ("state:archived,build-failed,error", "--filter", "!state:error"),
    ],
)
async def test_a_filter_narrows_the_list(run: Run, emulator: Emulator, words: tuple[str, ...]) -> None:
    outcome = await run("list", "--json", *words)

    wanted = {key for key, record in emulator.fleet.records.items() if record.state in ("archived", "build_failed")}
    assert (outcome.code, outcome.err) == (0, "")
    assert {row["id"] for row in json.loads(outcome.out)} == wanted
    assert wanted


async def test_a_filter_knows_prices_and_the_time(run: Run, emulator: Emulator) -> None:
    dear = json.loads((await run("list", "--json", "$>1 age>1s")).out)
    cheap = json.loads((await run("list", "--json", "!($>1 age>1s)")).out)

    assert dear
    assert cheap
    assert {row["state"] for row in dear} <= {"started", "starting", "stopping", "creating", "pending_build"}
    assert not {row["id"] for row in dear} & {row["id"] for row in cheap}


async def test_a_filter_that_means_nobody_gives_an_empty_list(run: Run) -> None:
    outcome = await run("list", "--json", "name:nobody-has-this-name")

    assert (outcome.code, outcome.out) == (0, b"[]\n")


async def test_a_filter_that_is_none_is_a_usage_mistake_and_shows_where(run: Run) -> None:
    outcome = await run("list", "public", "state:strated", DAYTONA_API_URL="http://127.0.0.1:9/api")

    assert (outcome.code, outcome.out) == (2, b"")
    assert outcome.err.splitlines() == [
        "daytona-tui: the filter: there is no state strated: expected started, destroyed or stopped",
        "             public state:strated",
        "                          ^",
    ]


async def test_a_word_that_is_no_state_is_a_usage_mistake(run: Run) -> None:
    outcome = await run("list", "--state", "asleep")

    assert outcome.code == 2
    assert "'asleep' is not one of" in outcome.err


@pytest.mark.parametrize("emulator", ["empty"], indirect=True)
async def test_an_empty_fleet_is_a_heading_or_an_empty_array(run: Run) -> None:
    assert (await run("list")).out.split() == b"NAME STATE OWNER AGE IDLE NEXT $/DAY".split()
    assert (await run("list", "--json")).out == b"[]\n"


async def test_hostile_text_is_harmless_in_the_table_and_exact_in_json(run: Run, emulator: Emulator) -> None:
    sandbox_id, hostile = next(iter(emulator.fleet.records)), "evil\x1b[2J\nname\u202e"
    emulator.fleet.distort(sandbox_id, {"name": hostile, "labels": {"owner": "\x9b31m"}})

    table, exact = await run("list"), await run("list", "--json")

    assert b"\x1b" not in table.out
    assert "evil␛[2J␊name�" in table.out.decode()
    assert hostile in [row["name"] for row in json.loads(exact.out)]


async def test_a_terminal_gets_one_line_for_each_sandbox_and_a_pipe_whole_names(
    run: Run, emulator: Emulator, env: dict[str, str], tmp_path: Path
) -> None:
    emulator.fleet.distort(next(iter(emulator.fleet.records)), {"name": "漢" * 200, "errorReason": "e" * 400})
    master, slave = os.openpty()
    try:
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        process = await start("list", cwd=tmp_path, env={**env, "COLUMNS": ""}, stdin=slave, stdout=slave)
        os.close(slave)
        shown = await asyncio.to_thread(_all_of, master)
        assert await process.wait() == 0
    finally:
        os.close(master)

    lines = shown.decode().splitlines()
    assert len(lines) == len(emulator.fleet.records) + 1
    assert max(map(cell_width, lines)) <= 80
    assert any("漢…" in line for line in lines)
    assert "漢" * 200 in (await run("list")).out.decode()


def _all_of(terminal: int) -> bytes:
    text = b""
    while True:
        try:
            data = os.read(terminal, 65536)
        except OSError:  # the program was the last one to hold the other end
            return text
        text += data


async def test_one_odd_sandbox_costs_its_own_cells_only(run: Run, emulator: Emulator) -> None:
    first, second, *_ = emulator.fleet.records
    emulator.fleet.distort(first, {"state": "levitating", "cpu": "many", "labels": None}, drop=["createdAt"])
    emulator.fleet.distort(second, {"labels": {"code-toolbox-language": "cobol"}})

    outcome = await run("list", "--json")

    rows = {row["id"]: row for row in json.loads(outcome.out)}
    assert outcome.code == 0
    assert len(rows) == len(emulator.fleet.records)
    assert (rows[first]["state"], rows[first]["state_word"]) == ("unknown", "levitating")
    assert rows[first]["oddities"]


@pytest.mark.parametrize(("redirection", "words"), [(">&-", "Bad file descriptor"), (">/dev/full", "No space left")])
async def test_an_output_that_cannot_be_written_is_said(
    env: dict[str, str], tmp_path: Path, redirection: str, words: str
) -> None:
    process = await asyncio.create_subprocess_shell(
        f"{shlex.quote(str(COMMAND))} list {redirection}",
        cwd=tmp_path,
        env={**os.environ, **env},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )

    outcome = await finish(process)

    assert (outcome.code, outcome.out) == (1, b"")
    assert outcome.err.startswith("daytona-tui: cannot write the output: ")
    assert words in outcome.err
    assert outcome.err.count("\n") == 1


async def test_a_row_without_an_id_is_counted_on_stderr(run: Run, emulator: Emulator) -> None:
    lost, *others = emulator.fleet.records
    emulator.fleet.distort(lost, drop=("id",))

    outcome = await run("list", "--json")

    assert outcome.code == 0
    assert {row["id"] for row in json.loads(outcome.out)} == set(others)
    assert "1 row without an id left out" in outcome.err
