"""What a preview says of a file."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from daytona_tui.presentation.preview import HEX_BYTES, Preview, preview


def text_of(shown: Preview) -> list[str]:
    return ["".join(cell.text for cell in line) for line in shown.lines]


def test_text_has_its_lines() -> None:
    shown = preview(b"one\r\ntwo\n", 9)

    assert (text_of(shown), shown.kind, shown.is_numbered, shown.is_whole) == (["one", "two"], "text", True, True)


def test_a_beginning_says_that_it_is_one() -> None:
    shown = preview(b"one\ntwo", 5_000_000)

    assert not shown.is_whole
    assert "4.8M" in text_of(shown)[-1]


def test_a_character_cut_at_the_end_does_not_make_it_binary() -> None:
    assert preview("déjà vu é".encode()[:-1], 500).kind == "text"


def test_bytes_are_shown_as_hex() -> None:
    shown = preview(bytes(range(256)), 256)

    assert shown.kind == "binary file"
    assert text_of(shown)[2].startswith("00000000  00 01 02")
    assert len(preview(bytes(100_000), 100_000).lines) == HEX_BYTES // 16 + 2


def test_a_picture_says_its_size() -> None:
    head = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + (640).to_bytes(4, "big") + (480).to_bytes(4, "big") + b"\x08\x02"

    assert preview(head, 90_000).kind == "PNG image, 640 × 480"


def test_an_empty_file_says_so() -> None:
    assert "empty" in text_of(preview(b"", 0))[0]


@given(st.binary(max_size=300))
def test_whatever_a_file_holds_no_terminal_obeys_it(head: bytes) -> None:
    for line in text_of(preview(head, len(head))):
        assert not [char for char in line if ord(char) < 0x20 or 0x7F <= ord(char) < 0xA0]
