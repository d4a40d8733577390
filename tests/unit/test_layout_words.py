"""Headings and layouts in words."""

from __future__ import annotations

import pytest

from daytona_tui.domain.grouping import Heading, Subtotal
from daytona_tui.domain.views import Arrangement, ColumnChoice, NamedView, Sort
from daytona_tui.presentation.headings import grouping_title, heading_title, subtotal_cells
from daytona_tui.presentation.layout_words import arrangement_words, sorts_words, view_words


@pytest.mark.parametrize(
    ("heading", "title"),
    [
        (Heading("owner", "harbor", Subtotal()), "harbor"),
        (Heading("state", "build_failed", Subtotal()), "build failed"),
        (Heading("snapshot", "my_snapshot", Subtotal()), "my_snapshot"),
        (Heading("owner", "", Subtotal()), "no owner"),
        (Heading("label:team", "", Subtotal()), "no label team"),
        (Heading("label:team", "a\x1b[2J", Subtotal()), "a␛[2J"),
    ],
)
def test_a_heading_says_what_its_group_has_in_common(heading: Heading, title: str) -> None:
    assert heading_title(heading).text == title


def test_subtotals_say_what_is_there() -> None:
    heading = Heading("owner", "x", Subtotal(1200, 38, 76, 152, 400, 6.41))

    texts = [cell.text for cell in subtotal_cells(heading, marked=3)]

    assert texts == ["3 marked", "38 running", "≈ $153.84/day", "76 vCPU", "152 GiB"]
    assert [cell.text for cell in subtotal_cells(Heading("owner", "x", Subtotal()))][:3] == ["", "0 running", ""]


def test_an_arrangement_in_words() -> None:
    arrangement = Arrangement((ColumnChoice("name"),), (Sort("state"), Sort("label:team", is_reversed=True)), "owner")

    assert sorts_words(arrangement.sorts) == "by state ↑, then label team ↓"
    assert arrangement_words(arrangement) == "by state ↑, then label team ↓ · grouped by owner · 1 column"
    assert view_words(NamedView("x", "age>1h\x07")) == "age>1h␇ · by age ↑"
    assert sorts_words(()) == "by name ↑"
    assert grouping_title("label:\x1b") == "label ␛"
