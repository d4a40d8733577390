"""Pastes as terminals send them, in pieces: nothing that is pasted becomes a key."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from textual import events

from daytona_tui.ui.pasting import PlainPastes

PASTE = "\x1b[200~make\n\x1b[31mred\x1b[0m\r\x1b[20\x1b\x1b[A日本\x1b[201~"
TEXT = "make\n[31mred[0m\r[20[A日本"


def _read(pieces: Sequence[str]) -> list[tuple[str, str]]:
    parser = PlainPastes()
    read = [message for piece in pieces for message in parser.feed(piece)]
    return [
        ("paste", message.text) if isinstance(message, events.Paste) else ("key", message.key)
        for message in read
        if isinstance(message, events.Paste | events.Key)
    ]


@pytest.mark.parametrize("size", range(1, len(PASTE) + 3))
def test_a_paste_is_one_text_however_it_comes(size: int) -> None:
    sent = f"a{PASTE}\x1b[A{PASTE}b"
    pieces = [sent[start : start + size] for start in range(0, len(sent), size)]

    assert _read(pieces) == [("key", "a"), ("paste", TEXT), ("key", "up"), ("paste", TEXT), ("key", "b")]


def test_an_escape_that_is_pressed_is_a_key_again_after_a_paste() -> None:
    assert _read([PASTE, "\x1b[1;3B", "\x1b[B"]) == [("paste", TEXT), ("key", "alt+down"), ("key", "down")]


def test_a_paste_without_an_end_is_no_key() -> None:
    assert _read(["\x1b[200~rm\x1b[1m\n", "\x1b[2", "K\n"]) == []
