"""Escape sequences: colours are understood, the rest is taken out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daytona_tui.domain.ansi import PLAIN, Look, Span, restyled, spans, stripped
from daytona_tui.presentation.safe_text import safe

HOSTILE = [
    ("\x1b[2J\x1b[1;1Hgone", "gone"),
    ("\x1b]0;a title\x07text", "text"),
    ("\x1b]8;;https://example.org\x1b\\link\x1b]8;;\x1b\\", "link"),
    ("\x1b[?1049h\x1b[?25lscreen", "screen"),
    ("\x1bP+q544e\x1b\\query", "query"),
    ("\x1b[6nasks", "asks"),
    ("\x1bcreset", "reset"),
    ("\x9b31mcolour", "colour"),
    ("\x1b(0charset", "charset"),
    ("\x1b]52;c;c2VjcmV0\x07clipboard", "clipboard"),
]


@pytest.mark.parametrize(("raw", "text"), HOSTILE)
def test_what_a_terminal_would_obey_is_taken_out(raw: str, text: str) -> None:
    assert stripped(raw) == text


@given(st.text(alphabet="\x1b[]0123456789;mHJK?\x07\\Pab\x9b\x9d\x08", max_size=60))
def test_no_text_leaves_an_escape_once_it_is_made_safe(line: str) -> None:
    shown = "".join(safe(span.text) for span in spans(line))

    assert not [char for char in shown if ord(char) < 0x20 or 0x7F <= ord(char) < 0xA0]


@given(st.text(alphabet=st.characters(min_codepoint=0x20, max_codepoint=0x7E)))
def test_plain_text_stays_as_it_is(line: str) -> None:
    assert stripped(line) == line


def test_colours_stay_within_their_span() -> None:
    assert spans("a\x1b[1;31mb\x1b[0mc") == (
        Span("a", PLAIN),
        Span("b", Look(colour=1, bold=True)),
        Span("c", PLAIN),
    )


@pytest.mark.parametrize(
    ("params", "look"),
    [
        ("38;5;208", Look(colour=208)),
        ("48;2;1;2;300", Look(background=(1, 2, 255))),
        ("38:5:9", Look(colour=9)),
        ("95;104", Look(colour=13, background=12)),
        ("1;2;3;4;7;9;22;23;24;27;29", PLAIN),
        ("31;39", PLAIN),
        ("38;5", Look(colour=0)),
        ("", PLAIN),
        ("?25", PLAIN),
        ("999;;4", Look(underline=True)),
    ],
)
def test_renditions_are_understood(params: str, look: Look) -> None:
    assert restyled(PLAIN, params) == look
