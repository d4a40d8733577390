"""What is done with hostile contents is done elsewhere, in bounds, and comes back or does not."""

from __future__ import annotations

import io
import random
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from daytona_tui.domain.archives import ZIP_TAIL_BYTES, ArchiveEntry, ArchiveError, zip_directory, zip_entries
from daytona_tui.operations import studio
from daytona_tui.operations.archive_listing import zip_listing
from daytona_tui.presentation.previews import studio as workshop


def image(mode: str, size: tuple[int, int], kind: str) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, 128 if mode == "L" else None).save(out, kind)
    return out.getvalue()


async def test_each_line_of_a_program_has_its_runs() -> None:
    language, lines = await studio.colours("a.py", "def f():\n    return '\n'\n\n# end")

    assert language == "Python"
    assert lines == ["a3n1s1n3", "n4a6n1g1", "g1", "", "d5"]


@pytest.mark.parametrize("name", ["notes.txt", "unknown.zzz", "", "no-name", "../../x", "a\nb", "-rf"])
async def test_what_is_no_program_has_no_colours(name: str) -> None:
    assert await studio.colours(name, "just words") == ("", [])


async def test_a_script_is_known_by_its_first_line() -> None:
    assert (await studio.colours("run", "#!/usr/bin/env python3\nimport sys")).language == "Python"


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "WEBP"])
async def test_a_picture_is_made_small_enough(kind: str) -> None:
    picture = await studio.picture(image("RGB", (300, 200), kind), 40, 40)

    assert picture is not None
    assert (picture.width, picture.height, picture.columns, picture.rows) == (300, 200, 40, 27)
    assert len(picture.data) == 4 * 40 * 27


async def test_a_small_picture_is_not_blown_up() -> None:
    picture = await studio.picture(image("L", (3, 2), "PNG"), 40, 40)

    assert picture is not None
    assert (picture.columns, picture.rows) == (3, 2)


@pytest.mark.parametrize(
    "data",
    [b"", b"\x89PNG\r\n\x1a\n", b"%!PS-Adobe-3.0 EPSF-3.0\n", random.Random(6).randbytes(3000)],
    ids=["nothing", "a beginning", "a program", "nonsense"],
)
async def test_what_is_no_picture_gives_none(data: bytes) -> None:
    assert await studio.picture(data, 40, 40) is None


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
async def test_a_picture_without_its_end_is_drawn_as_far_as_it_goes(kind: str) -> None:
    noise = Image.frombytes("RGB", (60, 60), random.Random(6).randbytes(60 * 60 * 3))
    file = io.BytesIO()
    noise.save(file, kind)

    whole = await studio.picture(file.getvalue(), 40, 40)
    half = await studio.picture(file.getvalue()[: len(file.getvalue()) // 2], 40, 40)

    assert whole is not None
    assert half is not None
    assert (whole.words, half.words) == ("60 × 60", "60 × 60, its end is missing")


async def test_a_picture_of_too_many_points_is_not_decoded() -> None:
    bomb = image("1", (20_000, 20_000), "PNG")
    assert len(bomb) < 100_000

    assert await studio.picture(bomb, 40, 40) is None


async def test_who_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(studio, "PATIENCE_S", 0.01)
    began = time.monotonic()

    assert await studio.colours("a.py", "x = 1") == ("", [])
    assert time.monotonic() - began < 60


def test_the_workshop_is_bounded_and_is_handed_no_secret() -> None:
    script = Path(workshop.__file__)
    probe = (
        f"import runpy; ours = runpy.run_path({str(script)!r}); ours['_confine'](); import resource, sys;"
        "print(resource.getrlimit(resource.RLIMIT_AS)[0], resource.getrlimit(resource.RLIMIT_FSIZE)[0],"
        "any(name.startswith('daytona') for name in sys.modules))"
    )

    told = subprocess.run([sys.executable, "-I", "-c", probe], capture_output=True, check=True, timeout=60).stdout

    assert told.split() == [str(workshop.MEMORY_BYTES).encode(), b"0", b"False"]


def test_the_program_starts_without_the_library_of_pictures() -> None:
    probe = "import sys, daytona_tui.ui.app, daytona_tui.ui.panes.preview; print('PIL' in sys.modules)"

    assert (
        subprocess.run([sys.executable, "-c", probe], capture_output=True, check=True, timeout=60).stdout == b"False\n"
    )


# Zip files


async def listed(data: bytes) -> tuple[list[ArchiveEntry], int]:
    read = 0

    async def read_range(offset: int, length: int) -> bytes:
        nonlocal read
        found = data[offset : offset + length]
        read += len(found)
        return found

    return await zip_listing(read_range, len(data)), read


def zip_of(count: int, *, comment: bytes = b"", padding: int = 0) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.comment = comment
        archive.writestr("first", bytes(padding))
        for number in range(count):
            archive.writestr(f"file-{number:05d}", "x")
    return file.getvalue()


@pytest.mark.parametrize("comment", [b"", b"PK\x05", b"y" * 60_000])
async def test_a_zip_file_is_listed_whatever_remark_ends_it(comment: bytes) -> None:
    entries, read = await listed(zip_of(2000, comment=comment, padding=3_000_000))

    assert len(entries) == 2001
    assert (entries[0].name, entries[0].size_bytes) == ("first", 3_000_000)
    assert read < 400_000


async def test_a_zip_file_of_more_than_65535_entries_is_listed() -> None:
    entries, _ = await listed(zip_of(66_000))

    assert len(entries) == 66_001


async def test_directories_links_and_locked_files_are_told_apart() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("d/", "")
        link = zipfile.ZipInfo("l")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        archive.writestr(link, "target")
    data = file.getvalue()

    entries, _ = await listed(data)

    assert [(entry.name, entry.kind) for entry in entries] == [("d/", "d"), ("l", "l")]


@given(st.binary(max_size=300), st.integers(0, 400), st.integers(0, 100))
def test_a_damaged_zip_file_is_refused_or_listed_in_part(noise: bytes, at: int, cut: int) -> None:
    data = bytearray(zip_of(3))
    data[at : at + len(noise)] = noise
    tail = bytes(data[: len(data) - cut])[-ZIP_TAIL_BYTES:]
    try:
        offset, length = zip_directory(tail, len(tail))
    except ArchiveError:
        return

    assert 0 <= offset <= offset + length <= len(tail)
    assert len(zip_entries(tail[offset : offset + length])) <= 4
