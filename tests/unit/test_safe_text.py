"""Text from a sandbox never commands a terminal."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daytona_tui.presentation.safe_text import cell_width, clip, clip_name, clip_path, safe, wrapped

_VISIBLE_FORMATS = {"\u0600", "\u0601", "\u0602", "\u0603", "\u0604", "\u0605", "\u06dd", "\u070f", "\u0890", "\u0891"}
_VISIBLE_FORMATS |= {"\u08e2", "\U000110bd", "\U000110cd"}

anything = st.text(st.characters(categories=["C", "L", "M", "N", "P", "S", "Z"]), max_size=60)


def _is_hostile(character: str) -> bool:
    if unicodedata.category(character) == "Cf":
        return character not in _VISIBLE_FORMATS
    return unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")


def test_no_hostile_character_of_all_unicode_survives() -> None:
    every = [chr(code) for code in range(0x110000)]

    survivors = [hex(ord(character)) for character in every if _is_hostile(character) and character in safe(character)]

    assert survivors == []


def test_no_harmless_character_of_all_unicode_is_changed() -> None:
    harmless = "".join(c for c in map(chr, range(0x110000)) if not _is_hostile(c) and unicodedata.category(c) != "Cn")

    assert safe(harmless) == harmless


@given(anything)
def test_what_is_safe_stays_as_it_is(text: str) -> None:
    once = safe(text)

    assert safe(once) == once
    assert len(once) == len(text), "every character has its mark"


@given(anything)
def test_kept_newlines_are_the_only_controls(text: str) -> None:
    kept = safe(text, keep_newlines=True)

    assert {c for c in kept if unicodedata.category(c) == "Cc"} <= {"\n"}
    assert kept.count("\n") == text.count("\n")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J", "␛[2J"),
        ("a\nb", "a␊b"),
        ("a\tb", "a␉b"),
        ("\x7f", "␡"),
        ("\x9b31m", "�31m"),
        ("evil\u202etxt.exe", "evil�txt.exe"),
        ("\ud800", "�"),
        ("naïve 日本 ✓", "naïve 日本 ✓"),
    ],
)
def test_marks_say_what_was_there(text: str, shown: str) -> None:
    assert safe(text) == shown


def test_kept_text_lays_out_tabs_and_line_ends() -> None:
    assert safe("a\tb\r\nc\rd", keep_newlines=True) == "a       b\nc␍d"


@given(anything, st.integers(-2, 40))
def test_clipped_text_fits(text: str, cells: int) -> None:
    clipped = clip(safe(text), cells)

    assert cell_width(clipped) <= max(0, cells)


@given(anything)
def test_text_that_fits_is_not_clipped(text: str) -> None:
    shown = safe(text)

    assert clip(shown, max(1, cell_width(shown))) == shown


@pytest.mark.parametrize(
    ("text", "cells", "cut"),
    [("abcdef", 6, "abcdef"), ("abcdef", 5, "abcd…"), ("日本語", 4, "日…"), ("日本語", 5, "日本…"), ("x", 0, "")],
)
def test_clipping_counts_cells(text: str, cells: int, cut: str) -> None:
    assert clip(text, cells) == cut


@given(anything, st.integers(-2, 40))
def test_a_clipped_name_fits(text: str, cells: int) -> None:
    assert cell_width(clip_name(safe(text), cells)) <= max(0, cells)


@pytest.mark.parametrize(
    ("name", "cells", "cut"),
    [
        ("inspect-gaia-0037-57124242", 14, "inspect-g…4242"),
        ("inspect-gaia-0037-57124242", 26, "inspect-gaia-0037-57124242"),
        ("inspect-gaia", 9, "inspect-…"),
        ("日本語日本語日本語", 11, "日本語…本語"),
        ("abcdefghijkl\u0301mnop", 11, "abcdef…mnop"),
    ],
)
def test_a_name_is_told_by_its_end_as_well(name: str, cells: int, cut: str) -> None:
    assert clip_name(name, cells) == cut


def test_combining_marks_take_no_cell() -> None:
    assert cell_width("e\u0301") == 1


@pytest.mark.parametrize(
    ("text", "cells", "short"),
    [
        ("src/main.py", 11, "src/main.py"),
        ("src/app/core/module.py", 12, "sr…module.py"),
        ("漢字漢字漢字漢字.py", 9, "…漢字.py"),
        ("abc", 1, "…"),
    ],
)
def test_a_path_that_is_too_long_keeps_its_end(text: str, cells: int, short: str) -> None:
    assert clip_path(text, cells) == short
    assert cell_width(clip_path(text, cells)) <= cells


@pytest.mark.parametrize(
    ("text", "cells", "most", "lines"),
    [
        ("one two three", 7, 3, ["one two", "three"]),
        ("one two three four", 7, 2, ["one two", "three …"]),
        ("a-word-without-an-end two", 6, 4, ["a-wor…", "two"]),
        ("漢字 漢字", 5, 2, ["漢字", "漢字"]),
        ("", 5, 2, []),
    ],
)
def test_a_sentence_is_broken_between_its_words(text: str, cells: int, most: int, lines: list[str]) -> None:
    assert wrapped(text, cells, most) == lines
