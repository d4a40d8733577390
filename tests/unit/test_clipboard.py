"""What a terminal is written so that a text gets to the clipboard, also through those that stand between."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest

from daytona_tui.ui.clipboard import MOST_BYTES, requests, tell_tmux

PLAIN = re.compile(r"\x1b\]52;c;([A-Za-z0-9+/=]*)\x07")


def copied(written: str) -> str:
    (encoded,) = PLAIN.findall(written)
    return base64.b64decode(encoded).decode()


@pytest.mark.parametrize("text", ["", "id-1", "héllo\n日本", "\x1b]52;c;AAAA\x07", "x" * 5000])
def test_a_terminal_is_asked_once(text: str) -> None:
    assert [copied(each) for each in requests(text, {"TERM": "xterm"})] == [text]


def test_half_a_character_and_very_much_are_no_reason_to_fail() -> None:
    assert [copied(each) for each in requests("/home/\ud800x", {})] == ["/home/?x"]
    (request,) = requests("y" * 3 * MOST_BYTES, {})
    assert len(copied(request)) == MOST_BYTES


def test_tmux_is_asked_plainly_and_for_the_terminal_behind_it() -> None:
    plain, wrapped = requests("id-1", {"TMUX": "/tmp/tmux-0/default,1,0", "STY": "1.pts"})

    assert copied(plain) == "id-1"
    assert wrapped.startswith("\x1bPtmux;")
    assert wrapped.endswith("\x1b\\")
    assert wrapped[7:-2].replace("\x1b\x1b", "\x1b") == plain


def test_screen_is_given_pieces_that_it_hands_on() -> None:
    text = "z" * 2000
    pieces = list(requests(text, {"STY": "1.pts"}))

    assert len(pieces) > 1
    assert all(len(piece) <= 768 and piece.startswith("\x1bP") and piece.endswith("\x1b\\") for piece in pieces)
    assert copied("".join(piece[2:-2] for piece in pieces)) == text


async def test_a_tmux_that_is_not_there_or_too_old_is_no_trouble(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not await tell_tmux("id-1")
    tmux = tmp_path / "tmux"
    told = tmp_path / "told"
    tmux.write_text(f'#!/bin/sh\n[ "$*" = "load-buffer -w -" ] || exit 1\nexec /bin/cat > {told}\n')
    tmux.chmod(0o755)
    assert await tell_tmux("id-1")
    assert told.read_text() == "id-1"
    tmux.write_text("#!/bin/sh\nexit 1\n")
    assert not await tell_tmux("id-1" * 100_000)
