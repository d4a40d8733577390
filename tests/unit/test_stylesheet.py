"""Style sheets that are parsed once."""

from __future__ import annotations

import pytest
from textual.css.stylesheet import StylesheetParseError

from daytona_tui.ui.stylesheet import ParsedOnce

TEXT = "Label { color: $ink; }"


def _sheet(ink: str, text: str = TEXT) -> ParsedOnce:
    sheet = ParsedOnce(variables={"ink": ink})
    sheet.add_source(text, read_from=("a.tcss", ""))
    return sheet


def test_a_text_is_parsed_once_with_the_same_colours() -> None:
    first, second = _sheet("#112233"), _sheet("#112233")

    assert second.rules[0] is first.rules[0]


def test_other_colours_are_other_rules_and_the_former_come_back() -> None:
    sheet = _sheet("#112233")
    former = sheet.rules[0]

    sheet.set_variables({"ink": "#445566"})
    sheet.reparse()
    assert "#445566" in sheet.css.lower()
    sheet.set_variables({"ink": "#112233"})
    sheet.reparse()

    assert sheet.rules[0] is former


def test_the_same_text_from_elsewhere_is_another() -> None:
    sheet = _sheet("#112233")
    sheet.add_source(TEXT, read_from=("b.tcss", ""), is_default_css=True)

    assert [rule.is_default_rules for rule in sheet.rules] == [False, True]


def test_what_is_wrong_leaves_the_rules_of_before() -> None:
    sheet = _sheet("#112233")
    former = list(sheet.rules)
    sheet.add_source("Label { color: of-no-kind; }", read_from=("b.tcss", ""))

    with pytest.raises(StylesheetParseError):
        sheet.reparse()

    assert sheet._rules == former
