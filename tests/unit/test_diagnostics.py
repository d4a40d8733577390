"""The diagnostics keep everything but credentials, privately, and never stop the program."""

from __future__ import annotations

import logging
import stat
import threading
import warnings
from pathlib import Path

import pytest

from daytona_tui.config.connection import Secret
from daytona_tui.diagnostics import Diagnostics, Redaction

KEY = "dtn_0123456789abcdef0123456789abcdef"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state" / "diagnostics.log"


def test_file_and_directory_are_private(file: Path) -> None:
    Diagnostics(file).start()
    logging.getLogger("x").warning("hello")

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_everything_goes_into_the_file_and_nothing_to_the_terminal(
    file: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    Diagnostics(file).start()

    logging.getLogger("asyncio").error("unclosed session")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        warnings.warn("old ways", DeprecationWarning, stacklevel=1)
        logging.captureWarnings(False)
    thread = threading.Thread(target=lambda: 1 / 0)
    thread.start()
    thread.join()

    written = file.read_text()
    assert "unclosed session" in written
    assert "old ways" in written
    assert "ZeroDivisionError" in written
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "text",
    [
        f"key is {KEY}",
        f"Authorization: Bearer {KEY[4:]}",
        f"{{'Authorization': 'Bearer {KEY[4:]}'}}",
        f"GET /files/download?path=/x&expires=1&signature=v1_{KEY[4:]}",
        f"https://me:{KEY[4:]}@host/api",
        f"api_key={KEY[4:]}",
        f'"token": "{KEY[4:]}"',
        "the odd one: p@ss word",
    ],
)
def test_credentials_are_taken_out(text: str) -> None:
    redaction = Redaction([Secret("p@ss word")])

    cleaned = redaction.clean(text)

    assert KEY[4:] not in cleaned
    assert "p@ss word" not in cleaned
    assert "[redacted]" in cleaned


def test_ordinary_words_stay() -> None:
    text = "listing 25 sandboxes of http://127.0.0.1:3986/api took 12 ms; token bucket is full"

    assert Redaction([Secret("")]).clean(text) == text


def test_a_traceback_holds_no_credential(file: Path) -> None:
    diagnostics = Diagnostics(file)
    diagnostics.start()
    diagnostics.hide(Secret("hidden-credential"))

    try:
        raise ValueError("cannot use hidden-credential here")
    except ValueError:
        logging.getLogger("x").exception("it broke with %s", "hidden-credential")

    assert "ValueError" in file.read_text()
    assert "hidden-credential" not in file.read_text()


def test_a_place_that_cannot_be_written_means_no_log_and_is_said(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.touch()
    diagnostics = Diagnostics(in_the_way / "diagnostics.log")

    diagnostics.start()
    logging.getLogger("x").error("nobody hears this")

    assert str(in_the_way) in diagnostics.trouble
    assert diagnostics.tail() == []


def test_a_planted_link_is_not_written_through(file: Path, tmp_path: Path) -> None:
    file.parent.mkdir()
    file.symlink_to(tmp_path / "elsewhere")
    diagnostics = Diagnostics(file)

    diagnostics.start()

    assert diagnostics.trouble
    assert not (tmp_path / "elsewhere").exists()


def test_the_tail_is_the_last_lines(file: Path) -> None:
    diagnostics = Diagnostics(file)
    diagnostics.start()
    for number in range(50):
        logging.getLogger("x").info("line %d", number)

    tail = diagnostics.tail(3)

    assert [line.rsplit(" ", 1)[1] for line in tail] == ["47", "48", "49"]
