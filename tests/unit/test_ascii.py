"""Twins in ASCII: as wide as what they stand for, and one for everything that is drawn."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color

import daytona_tui
from daytona_tui.presentation.ascii import TWINS, as_ascii
from daytona_tui.presentation.gauges import sparkline
from daytona_tui.presentation.safe_text import cell_width
from daytona_tui.ui.themes.filters import AsciiFilter

_SOURCES = Path(daytona_tui.__file__).parent
_DRAWN = ("presentation", "ui")
MARKS = frozenset("\u02ff\u2027\u2030\u2400\u2421\u3029\u3030\ufffd")
"""What stands in patterns, or for letters that cannot be shown: question marks say as much."""


def drawn_letters() -> set[str]:
    """Return every letter outside ASCII in the texts of the program, its documentation left out."""
    letters: set[str] = set()
    for path in (path for room in _DRAWN for path in (_SOURCES / room).rglob("*.py") if path.name != "ascii.py"):
        source = path.read_text(encoding="utf-8")
        if source.isascii():
            continue
        tree = ast.parse(source)
        documents = {
            id(node.value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documents:
                letters.update(letter for letter in node.value if not letter.isascii() and letter.isprintable())
    return letters


def test_everything_that_the_program_draws_has_a_twin() -> None:
    assert {"●", "─", "▁", "…"} <= drawn_letters()
    assert sorted(letter for letter in drawn_letters() if "?" in as_ascii(letter) and letter not in MARKS) == []


def test_no_twin_is_wider_or_narrower() -> None:
    assert {letter for letter, twin in TWINS.items() if cell_width(letter) != len(twin)} == set()
    assert all(twin.isascii() and twin.isprintable() for twin in TWINS.values())


def test_states_stay_apart() -> None:
    assert len({as_ascii(glyph) for glyph in "●○◇▫✗◐"}) == 6
    assert len(set(as_ascii(sparkline([step / 7 for step in range(8)], 8)))) == 8


@pytest.mark.parametrize(
    ("text", "twin"),
    [
        ("● started  api … → ✓", "* started  api ~ > v"),
        ("café Ünï", "cafe Uni"),
        ("日本語", "??????"),
        ("⠋ building", "* building"),
        ("plain", "plain"),
    ],
)
def test_text_is_told_in_ascii(text: str, twin: str) -> None:
    assert as_ascii(text) == twin


@given(st.text(max_size=40))
def test_any_line_keeps_its_width(text: str) -> None:
    drawn = AsciiFilter().apply([Segment(text)], Color.parse("black"))

    assert drawn[0].text.isascii()
    assert cell_len(drawn[0].text) == cell_len(text)
