"""The preview in the files pane: each kind of file as it is seen, and how little of a large one is read."""

from __future__ import annotations

import gzip
import io
import json
import os
import tarfile
import zipfile
from pathlib import Path

import pytest
from PIL import Image
from tests.ui.driver import OpenApp
from tests.ui.panes_driver import Inside, inside

from daytona_tui.presentation.previews.pictures import Picture
from daytona_tui.presentation.tones import Tone
from daytona_tui.ui.panes.preview import CHUNK, FilePreview
from daytona_tui.ui.widgets.preview_picture import Drawing, can_take_pictures, removed, sent


def shown(here: Inside) -> FilePreview:
    return here.files.preview_view


async def look_at(here: Inside, name: str, contents: bytes) -> None:
    (here.home / name).write_bytes(contents)
    await here.opened.press("2", "r")
    await here.put_cursor_on(name)
    await here.opened.press("v")
    await here.opened.until(lambda: shown(here).note)


def png(width: int, height: int, colour: tuple[int, int, int]) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(out, "PNG")
    return out.getvalue()


async def test_a_program_gets_its_colours(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await look_at(here, "main.py", b"import sys\n\n# why\nsys.exit('now')\n")
        await here.opened.until(lambda: [cell.tone for cell in shown(here).body[0] or ()][:1] == [Tone.ACCENT])  # type: ignore[index]

        body = shown(here).body
        assert body is not None
        assert [cell.tone for cell in body[2]] == [Tone.DIM]
        assert "4  sys.exit('now')" in here.text
        assert shown(here).note == "Python · 34 B"


async def test_json_is_laid_out(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await look_at(here, "result.json", json.dumps({"reward": 1.0, "steps": [1, 2]}).encode())

        assert '"reward": 1.0,' in here.text
        assert shown(here).note.startswith("JSON · ")


async def test_a_file_can_be_seen_as_it_is(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await look_at(here, "result.json", b'{"reward":1}')
        assert '"reward": 1' in here.text

        await here.opened.press("T")
        await here.opened.until(lambda: '1  {"reward":1}' in here.text)
        await here.opened.press("T")
        await here.opened.until(lambda: '"reward": 1' in here.text)


async def test_of_a_table_without_rows_the_heading_is_seen(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await look_at(here, "table.csv", b"name,amount\n")

        assert "name  amount" in here.text
        assert "There is nothing in it" in here.text


async def test_enter_says_why_it_does_nothing_and_backspace_goes_back(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await look_at(here, "notes.txt", b"one\n")

        await here.opened.press("enter")
        await here.opened.until(lambda: "it is open: esc goes back" in here.notices)
        await here.opened.press("backspace")

        await here.opened.until(lambda: here.files.tree_view.has_focus)


async def test_records_of_a_trajectory_are_laid_out(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await look_at(here, "trajectory.jsonl", b'{"step": 1}\n{"step": 2}\n')

        assert "── 2" in here.text
        assert '"step": 2' in here.text


async def test_markdown_is_prose_and_wraps_anew_in_another_width(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await look_at(here, "notes.md", b"# Title\n\n" + b"word " * 60 + b"\n")
        former = len(shown(here).body or ())
        assert "# Title" not in here.text

        await here.opened.pilot.resize_terminal(100, 30)

        await here.opened.until(lambda: len(shown(here).body or ()) != former)


async def test_a_table_keeps_its_heading_when_it_scrolls(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await look_at(here, "runs.csv", b"task,reward\n" + b"".join(b"t%d,0.%d\n" % (n, n) for n in range(200)))

        await here.opened.press("G")
        await here.opened.until(lambda: "t199" in here.text)

        assert "task" in here.text


async def test_a_picture_is_drawn_of_half_blocks_and_drawn_again_in_another_size(
    open_app: OpenApp, tmp_path: Path
) -> None:
    async with inside(open_app, tmp_path) as here:
        await look_at(here, "plot.png", png(64, 64, (10, 200, 30)))
        await here.opened.until(lambda: shown(here).drawing)

        drawing = shown(here).drawing
        assert drawing is not None
        assert "PNG image, 64 × 64" in shown(here).note
        assert drawing.height <= shown(here).size.height
        assert "█" in here.text

        await here.opened.pilot.resize_terminal(100, 30)
        await here.opened.until(lambda: shown(here).drawing is not drawing)


async def test_in_kitty_a_picture_has_real_pixels_and_is_taken_back(
    open_app: OpenApp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with inside(open_app, tmp_path) as here:
        monkeypatch.delenv("TMUX", raising=False)
        monkeypatch.setenv("TERM", "xterm-kitty")
        told: list[str] = []
        monkeypatch.setattr(here.opened.app._driver, "write", told.append)

        await look_at(here, "plot.png", png(64, 64, (10, 200, 30)))
        await here.opened.until(lambda: shown(here).drawing)

        drawing = shown(here).drawing
        assert drawing is not None
        assert (drawing.width, drawing.height) == (7, 4)
        assert f"a=t,f=100,i={drawing.image_id}," in "".join(told)
        assert "\U0010eeee\u0305\u0305\U0010eeee\u0305\u030d" in here.text
        await here.opened.press("escape")
        assert f"a=d,d=I,i={drawing.image_id}" in "".join(told)


@pytest.mark.parametrize(
    "contents",
    [
        b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4,
        png(10, 10, (1, 2, 3))[:40],
        # says that it is 60,000 × 60,000
        png(10, 10, (1, 2, 3)).replace((10).to_bytes(4, "big") * 2, (60_000).to_bytes(4, "big") * 2),
    ],
)
async def test_what_is_no_good_picture_is_shown_as_bytes(open_app: OpenApp, tmp_path: Path, contents: bytes) -> None:
    async with inside(open_app, tmp_path) as here:
        await look_at(here, "plot.png", contents)

        await here.opened.until(lambda: "89 50 4e 47" in here.text)


async def test_a_zip_file_is_listed_by_its_end(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("large.bin", b"\0" * 3_000_000)
            archive.writestr("dir/naïve.txt", "x")
        await look_at(here, "all.zip", file.getvalue())

        assert "dir/naïve.txt" in here.text
        assert "ZIP archive, 2 entries" in shown(here).note
        assert "2.9M" in here.text


async def test_a_zip_file_without_its_end_says_so(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await look_at(here, "all.zip", b"PK\x03\x04" + bytes(1000))

        assert "This cannot be listed" in here.text


async def test_a_compressed_archive_is_listed(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        file = io.BytesIO()
        with tarfile.open(fileobj=file, mode="w") as archive:
            for number in range(5):
                archive.addfile(tarfile.TarInfo(f"file-{number}"), io.BytesIO())
        await look_at(here, "all.tar.gz", gzip.compress(file.getvalue()))

        assert "file-4" in here.text


async def test_scrolling_on_reads_on_and_no_more_than_that(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await look_at(here, "large.log", b"".join(b"line %07d of the log\n" % n for n in range(100_000)))
        view = shown(here)
        body = view.body
        assert body is not None
        assert body.wanted == CHUNK

        view.move_cursor(len(body) - 1)
        await here.opened.until(lambda: body.wanted == 2 * CHUNK)
        await here.opened.settle()

        assert body.wanted == 2 * CHUNK
        assert "".join(cell.text for cell in body[20_000]) == "line 0020000 of the log"


async def test_the_end_of_a_large_file_is_seen_without_what_lies_between(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await look_at(here, "large.log", b"".join(b"line %07d of the log\n" % n for n in range(100_000)))

        await here.opened.press("G")
        await here.opened.until(lambda: "line 0099999" in here.text)
        assert "the end of" in shown(here).note

        await here.opened.press("g")
        await here.opened.until(lambda: "line 0000000" in here.text)


async def test_a_file_of_ten_gibibytes_is_seen_as_soon_as_a_small_one(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        with (here.home / "huge.log").open("wb") as file:
            file.write(b"the beginning\n" * 40_000)
            file.truncate(10 << 30)
            file.seek(0, 2)
            file.write(b"\nthe end\n" * 40_000)
        await here.opened.press("2", "r")
        await here.put_cursor_on("huge.log")

        await here.opened.press("v")
        await here.opened.until(lambda: "1  the beginning" in here.text)
        await here.opened.press("G")
        await here.opened.until(lambda: "the end" in here.text.splitlines()[20])

        assert "10 GB" in shown(here).note


async def test_the_end_of_a_table_is_come_to_with_one_key(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await look_at(here, "table.csv", b"number,word\n" + b"".join(b"%d,value\n" % n for n in range(80_000)))

        await here.opened.press("G")

        await here.opened.until(lambda: "79999" in here.text)


async def test_the_end_of_many_bytes_is_seen_where_it_is(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        with (here.home / "weights.bin").open("wb") as file:
            file.write(b"\0" * 1000)
            file.truncate((10 << 30) - 3)
        await here.opened.press("2", "r")
        await here.put_cursor_on("weights.bin")
        await here.opened.press("v")
        await here.opened.until(lambda: "00000000  00" in here.text)

        await here.opened.press("G")

        await here.opened.until(lambda: "27ffffff0  00" in here.text)
        assert "the end of 10 GB" in shown(here).note


async def test_a_file_that_grows_is_read_again_where_the_user_is(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await look_at(here, "run.log", b"".join(b"line %07d\n" % n for n in range(1000)))
        view = shown(here)
        view.move_cursor(500)
        line, top = view.cursor, view.top

        with (here.home / "run.log").open("ab") as file:
            file.writelines(b"line %07d\n" % n for n in range(1000, 2000))
        await here.opened.press("r")
        await here.opened.until(lambda: view.body is not None and len(view.body) == 2000)
        assert (view.cursor, view.top) == (line, top)

        with (here.home / "run.log").open("ab") as file:
            file.writelines(b"line %07d\n" % n for n in range(2000, 90_000))
        await here.opened.press("r")
        await here.opened.until(lambda: "the beginning of" in view.note)
        await here.opened.press("G")
        await here.opened.until(lambda: "line 0089999" in here.text)
        with (here.home / "run.log").open("ab") as file:
            file.write(b"the newest\n")
        await here.opened.press("r")
        await here.opened.until(lambda: "the newest" in here.text)


async def test_a_line_far_inside_is_gone_to(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        await look_at(here, "large.json", b"".join(b'{"line": %07d}\n' % n for n in range(60_000)))
        entry = shown(here).entry
        assert entry is not None

        shown(here).close()
        shown(here).open(here.sandbox.id, entry, line=50_001)

        await here.opened.until(lambda: '50001  {"line": 0050000}' in here.text)


async def test_a_device_is_not_read(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        os.mkfifo(here.home / "pipe")
        await here.opened.press("2", "r")
        await here.put_cursor_on("pipe")

        await here.opened.press("v")

        await here.opened.until(lambda: "This is no file" in here.text)


async def test_a_link_to_a_device_is_not_read_either(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        os.mkfifo(here.home / "pipe")
        (here.home / "link").symlink_to("pipe")
        await here.opened.press("2", "r")
        await here.put_cursor_on("link")

        await here.opened.press("v")

        await here.opened.until(lambda: "This is no file" in here.text)


async def test_a_link_shows_what_it_leads_to(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path) as here:
        (here.home / "target").write_text("the target\n" * 100_000)
        (here.home / "link").symlink_to("target")
        await here.opened.press("2", "r")
        await here.put_cursor_on("link")

        await here.opened.press("v")

        await here.opened.until(lambda: "1  the target" in here.text)


@pytest.mark.parametrize(
    ("environ", "can"),
    [
        ({"TERM": "xterm-kitty"}, True),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "ghostty"}, True),
        ({"TERM": "xterm-kitty", "TMUX": "/tmp/x"}, False),
        ({"TERM": "xterm-256color"}, False),
        ({}, False),
    ],
)
def test_only_terminals_known_for_it_are_handed_pictures(environ: dict[str, str], can: bool) -> None:
    assert can_take_pictures(environ) is can


def test_a_terminal_is_handed_a_picture_in_pieces_and_told_where_it_goes() -> None:
    picture = Picture(640, 480, 1, 200, 100, bytes(5000))

    told = sent(0x123456, picture)

    pieces = told.split("\x1b\\")
    assert pieces[0].startswith("\x1b_Ga=t,f=100,i=1193046,q=2,m=1;")
    assert pieces[1].startswith("\x1b_Gm=0;")
    assert pieces[2] == "\x1b_Ga=p,U=1,i=1193046,c=20,r=5,q=2"
    assert "d=I,i=1193046" in removed(0x123456)


def test_its_place_is_held_by_cells_that_say_which_part_they_are() -> None:
    drawing = Drawing(Picture(640, 480, 1, 200, 100, b""), 0x123456)

    margin, cells = drawing.row(1, 40, has_colours=True)

    assert (drawing.width, drawing.height, len(margin.text)) == (20, 5, 10)
    assert cells.text.startswith("\U0010eeee\u030d\u0305\U0010eeee\u030d\u030d")
    assert cells.cell_length == 20
    assert cells.style is not None
    assert cells.style.color is not None
    assert cells.style.color.triplet == (0x12, 0x34, 0x56)


def test_without_colours_a_picture_is_drawn_by_how_bright_it_is() -> None:
    points = bytes((0, 0, 0, 255, 255, 255, 255, 255, 9, 9, 9, 0)) * 2

    (_, row) = Drawing(Picture(3, 2, 1, 3, 2, points)).row(0, 5, has_colours=False)

    assert row.text == " █ "
