"""What can be done with a log that is read: found, filtered, opened, marked, saved, merged."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.ui.driver import OpenApp
from tests.ui.logs_driver import choose, follow, lines, origins, reread, say, start
from tests.ui.panes_driver import Inside, inside

from daytona_tui.ui.panes import logs_listing
from daytona_tui.ui.screens.text_entry import TextScreen

TRACE = ("Traceback (most recent call last):", '  File "a.py", line 1, in f', "    boom()", "ValueError: broken")


def stamped(ago: timedelta, text: str) -> str:
    return f"{datetime.now(UTC) - ago:%Y-%m-%dT%H:%M:%SZ} {text}"


async def read(here: Inside, texts: list[str], path: str = "app.log") -> None:
    """Put a log into the sandbox and follow a program that prints it and then says nothing more."""
    (here.home / path).write_text("".join(f"{text}\n" for text in texts))
    await follow(here, f"cat {path}; sleep 400")
    await here.opened.until(lambda: len(here.logs.rows) and texts[-1] in here.logs.rows[-1].line.text)


async def test_lines_are_searched_filtered_and_gone_to_by_time(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        texts = [stamped(timedelta(minutes=60 - n), f"INFO request {n} of {n % 7}") for n in range(60)]
        texts += [*TRACE, stamped(timedelta(), "WARN last")]
        await read(here, texts)
        view = here.logs.log_view

        # Letters are letters while something is typed: none of these is a command.
        await here.opened.press("slash", "o", "f", "space", "1")
        await here.opened.until(lambda: "9 of 9" in here.text)
        assert not view.follows
        await here.opened.press("escape")
        await here.opened.until(lambda: view.follows and not here.logs.needle)
        await here.opened.press("slash")
        await say(here, "of 3")
        await here.opened.until(lambda: "9 of 9" in here.text)
        assert view.rows[view.cursor].line.text == texts[59]
        await here.opened.press("n")
        await here.opened.until(lambda: "8 of 9" in here.text)
        await here.opened.press("N", "N")
        await here.opened.until(lambda: "1 of 9" in here.text)
        await here.opened.press("slash")
        await say(here, "boom")
        await here.opened.until(lambda: view.current is not None and view.current.line.text == TRACE[0])
        await here.opened.until(lambda: "    boom()" in here.text)

        await here.opened.press("ampersand")
        await say(here, "request & !/of [1-6]/")
        await here.opened.until(lambda: len(lines(view)) == 9)
        assert "9 of 65" in here.text
        await here.opened.press("ampersand", "ctrl+u")
        await say(here, "broken")
        await here.opened.until(lambda: lines(view) == [TRACE[0]])
        await here.opened.press("exclamation_mark")
        await here.opened.until(lambda: len(lines(view)) == 61)
        await here.opened.press("ampersand", "ctrl+u", "slash", "left_parenthesis", "slash")
        await here.opened.until(lambda: "not a pattern" in here.text)
        await here.opened.press("escape")
        await here.opened.until(lambda: not here.logs.bar.is_open and len(lines(view)) == 61)
        await here.opened.press("ampersand", "ctrl+u", "enter")
        await here.opened.until(lambda: len(lines(view)) == 62)

        await here.opened.press("3")
        await here.opened.until(lambda: "last 5 minutes" in here.text)
        assert lines(view)[0] == texts[56]
        await here.opened.press("1")
        await here.opened.until(lambda: view.cursor == 0 and len(lines(view)) == 62)
        await here.opened.press("ctrl+g")
        await say(here, "noon")
        await here.opened.until(lambda: "type a time" in here.text)
        await here.opened.press("ctrl+u")
        await say(here, "-10m")
        await here.opened.until(lambda: view.cursor in (50, 51))
        await here.opened.press("0")
        await here.opened.until(lambda: view.follows)

        # Escape takes back one thing after the other.
        await here.opened.press("ampersand")
        await say(here, "request")
        await here.opened.press("2", "escape")
        await here.opened.until(lambda: not here.logs.needle and "last minute" in here.text)
        await here.opened.press("escape")
        await here.opened.until(lambda: not here.logs.wanted.needle and "last minute" in here.text)
        await here.opened.press("escape")
        await here.opened.until(lambda: len(lines(view)) == 62)
        await here.opened.press("escape")
        await here.opened.until(lambda: here.logs.list_view.has_focus)


async def test_a_pattern_without_end_is_given_up_and_said(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await read(here, ["a" * 200 + "b", "last"])

        await here.opened.press("ampersand")
        await say(here, "/(a|aa)+$/")

        await here.opened.until(lambda: "the pattern takes too long" in here.notices)
        await here.opened.until(lambda: len(here.logs.rows) == 2)
        await here.opened.press("slash")
        await say(here, "/(a|aa)+$/")
        await here.opened.until(lambda: "Search: the pattern takes too long" in here.notices)
        assert not here.logs.needle
        assert "not found" not in here.text


async def test_a_line_stays_in_view_when_the_filter_goes(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await read(here, [f"line {number} of {number % 50}" for number in range(500)])
        view = here.logs.log_view
        await here.opened.press("ampersand")
        await say(here, "of 7")
        await here.opened.until(lambda: len(lines(view)) == 10)
        await here.opened.press("g", "j")
        assert view.current is not None
        assert view.current.line.text == "line 57 of 7"

        await here.opened.press("escape")

        await here.opened.until(lambda: len(lines(view)) == 500)
        assert view.current.line.text == "line 57 of 7"
        assert "line 56 of 6" in here.text


async def test_rows_open_wrap_and_are_marked_copied_and_saved(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        record = json.dumps({"level": "info", "user": {"id": 7}})
        await read(here, ["one", record, *TRACE, "x" * 200 + " end of it", "\x1b[31mred\x1b[0m\x1b]0;title\x07 last"])
        view = here.logs.log_view
        assert "⋯ 3 lines · ValueError: broken" in here.text
        assert "end of it" not in here.text

        await here.opened.press("g", "j", "enter")
        await here.opened.until(lambda: '"id": 7' in here.text)
        await here.opened.press("enter", "j", "enter")
        await here.opened.until(lambda: "    boom()" in here.text and '   "id": 7' not in here.text)
        await here.opened.press("enter", "W")
        await here.opened.until(lambda: "end of it" in here.text and "boom()" not in here.text)
        await here.opened.press("g", "space", "j", "m")
        await here.opened.until(lambda: len(view.marks) == 2)
        await here.opened.press("g", "apostrophe")
        await here.opened.until(lambda: view.cursor == 2)
        await here.opened.press("y")
        await here.opened.until(lambda: here.opened.app.clipboard == "\n".join(["one", *TRACE]))

        target = tmp_path / "saved" / "some.log"
        for keys in (("ctrl+s",), ("S",)):
            await here.opened.press(*keys)
            await here.opened.until(lambda: isinstance(here.opened.app.screen, TextScreen))
            here.opened.app.screen.query_one("#text").value = str(target)  # type: ignore[attr-defined]
            await here.opened.press("enter")
            if keys == ("ctrl+s",):
                await here.opened.until(target.exists)
                assert target.read_text() == "\n".join(["one", *TRACE, ""])
                assert target.stat().st_mode & 0o777 == 0o600
        await here.opened.until(lambda: "choose another name" in here.text)
        here.opened.app.screen.query_one("#text").value = f"{target}.whole"  # type: ignore[attr-defined]
        await here.opened.press("enter")
        whole = target.with_name("some.log.whole")
        await here.opened.until(whole.exists)
        assert whole.read_text().endswith("\x1b[31mred\x1b[0m\x1b]0;title\x07 last\n")
        assert len(whole.read_text().splitlines()) == 8


async def test_numbers_are_places_in_the_list_and_windows_in_a_log(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await read(here, ["last"])

        await here.opened.press("2")
        await here.opened.until(lambda: "the lines do not say when" in here.notices)
        assert here.screen.current_pane is here.logs
        await here.opened.press("l", "2")

        await here.opened.until(lambda: here.screen.current_pane is here.files)


async def test_picked_logs_are_read_as_one_by_time(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await start(here, "for n in 1 3 5; do echo 2026-01-01T00:00:0${n}Z a$n; done; sleep 400", "first")
        await start(here, "for n in 2 4 6; do echo 2026-01-01T00:00:0${n}Z b$n; done; sleep 400", "second")
        await reread(here)
        await here.opened.press("J")
        await here.opened.until(lambda: "pick two logs or more" in here.notices)
        await choose(here, "second")
        await here.opened.press("space")
        await choose(here, "first")
        await here.opened.press("space", "J")

        await here.opened.until(lambda: len(here.logs.rows) == 6)

        assert [line[-2:] for line in lines(here.logs.log_view)] == ["a1", "b2", "a3", "b4", "a5", "b6"]
        assert "2 logs" in here.text
        assert "second 2026-01-01" in here.text


async def test_the_logs_of_all_marked_sandboxes_are_one(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        running = [row for row in here.opened.fleet.store.fleet if row.is_running][:2]
        for sandbox in running:
            await here.gateway.open_session(sandbox.id, "work")
            await here.gateway.submit(sandbox.id, "work", f"echo i am {sandbox.name}; sleep 400")
        for sandbox in running:
            await here.opened.go_to(sandbox.name)
            await here.opened.press("space")

        await here.opened.press("l")

        await here.opened.until(lambda: len(lines(here.logs.log_view)) == 2)
        assert "2 logs of 2 sandboxes" in here.text
        assert {f"i am {sandbox.name}" for sandbox in running} == set(lines(here.logs.log_view))
        await here.opened.press("tab", "j", "j")
        await here.opened.pilot.pause()
        assert "2 logs of 2 sandboxes" in here.text  # they are not of the row under the cursor


async def test_what_was_read_of_a_sandbox_that_is_deleted_stays(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await read(here, ["token=sk-abcdefghijklmnop1234", "last words"])
        await here.gateway.delete(here.sandbox.id, timeout_s=20)
        await here.opened.until(lambda: here.sandbox.name not in here.opened.names())
        assert "last words" in lines(here.logs.log_view)
        await here.opened.until(lambda: "● following" not in here.text)

        await here.opened.press("l", "E")
        await here.opened.until(lambda: here.sandbox.name in origins(here))
        await choose(here, here.sandbox.name)
        await here.opened.press("enter")

        await here.opened.until(lambda: "last words" in lines(here.logs.log_view))
        assert "kept · read" in here.text
        assert "sk-abcdefghijklmnop1234" not in here.text


async def test_a_file_is_read_as_a_log_and_followed(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        path = here.home / "own.log"
        path.write_text("begun\n")
        outcome = await here.gateway.run(here.sandbox.id, "pwd")
        await here.opened.press("4")
        await here.opened.until(lambda: here.logs.list_view.has_focus)
        await here.opened.press("o")
        await here.opened.until(lambda: isinstance(here.opened.app.screen, TextScreen))
        here.opened.app.screen.query_one("#text").value = f"{outcome.output.strip()}/own.log"  # type: ignore[attr-defined]
        await here.opened.press("enter")
        await here.opened.until(lambda: "begun" in lines(here.logs.log_view))

        with path.open("a") as stream:
            await asyncio.to_thread(stream.write, "and on\n")

        await here.opened.until(lambda: "and on" in lines(here.logs.log_view))


async def test_more_lines_than_are_held_pass_and_keys_are_heard(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await follow(here, "seq 1 300000; sleep 400")
        await here.opened.until(lambda: here.logs.rows.lines.total >= 299_000)
        await here.opened.until(lambda: lines(here.logs.log_view)[-1:] == ["300000"])

        assert "dropped" in here.text
        began = time.monotonic()
        await here.opened.press("g")
        await here.opened.until(lambda: here.logs.log_view.cursor == 0)
        assert len(here.logs.rows) <= 100_000
        assert time.monotonic() - began < 20


async def test_what_becomes_of_one_sandbox_is_nothing_to_the_logs_of_another(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        other = next(row for row in here.opened.fleet.store.fleet if row.is_running and row.id != here.sandbox.id)
        there = replace(here, sandbox=other)
        for each in (here, there):
            await start(each, f"echo i am {each.sandbox.name}; sleep 400")
        for each in (there, here):
            await here.opened.go_to(each.sandbox.name)
            await here.opened.press("space")
        await here.opened.go_to(here.sandbox.name)
        await here.opened.press("l")
        await here.opened.until(lambda: len(lines(here.logs.log_view)) == 2)
        reader = here.logs.reader
        assert reader is not None

        await here.gateway.stop(here.sandbox.id, timeout_s=20, force=True)

        await here.opened.until(lambda: here.logs.sandbox is not None and not here.logs.sandbox.is_running)
        await here.opened.until(lambda: any(each.words for each in reader.standings))
        assert here.logs.reader is reader
        assert [each.words for each in reader.standings if each.is_reading][-1] == ""


async def test_the_list_goes_on_after_logs_of_several_sandboxes(
    open_app: OpenApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs_listing, "LIST_S", 0.05)
    async with inside(open_app, tmp_path) as here:
        other = next(row for row in here.opened.fleet.store.fleet if row.is_running and row.id != here.sandbox.id)
        await start(here, "echo begun; sleep 400")
        for name in (other.name, here.sandbox.name):
            await here.opened.go_to(name)
            await here.opened.press("space")
        await here.opened.go_to(here.sandbox.name)
        await here.opened.press("l")
        await here.opened.until(lambda: here.logs.reader is not None and "begun" in lines(here.logs.log_view))
        await here.opened.press("l")
        await here.opened.until(lambda: here.logs.list_view.has_focus)

        await start(here, "sleep 300", "later")

        await here.opened.until(lambda: "later" in origins(here))
