"""Themes: readable ones, sixteen numbered colours, and none at all."""

from __future__ import annotations

import pytest
from rich.color import ColorType
from rich.segment import Segment
from rich.style import Style
from textual._ansi_theme import MONOKAI
from textual.color import Color
from textual.filter import ANSIToTruecolor, Monochrome

from daytona_tui.config.values import ACCENTS as ACCENT_NAMES
from daytona_tui.config.values import THEMES as THEME_NAMES
from daytona_tui.presentation.tones import Tone
from daytona_tui.ui.screens.themes import WORDS
from daytona_tui.ui.themes import ACCENTS, THEMES, Look, look_for, theme_for
from daytona_tui.ui.themes.filters import AsciiFilter, ColorlessFilter, SixteenFilter
from daytona_tui.ui.widgets.tone_styles import VARIABLES

_BLACK = Color.parse("black")
LEAST = {"night": (4.5, 3.0), "day": (4.5, 3.0), "contrast": (7.0, 7.0)}
"""Contrast of text with its ground that each theme has at the least: of what is read, and of what is of third rank."""


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours as the guidelines for accessible pages define it."""

    def light(color: str) -> float:
        parts = [part / 255 for part in Color.parse(color).rgb]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_every_theme_of_the_settings_is_there_and_described() -> None:
    assert tuple(THEMES) == THEME_NAMES == tuple(WORDS)
    assert tuple(ACCENTS) == ACCENT_NAMES


@pytest.mark.parametrize("name", list(LEAST))
@pytest.mark.parametrize("accent", ["", *ACCENT_NAMES])
def test_every_tone_can_be_read_on_the_ground_and_under_the_cursor(name: str, accent: str) -> None:
    theme = theme_for(accent, name)
    variables = theme.to_color_system().generate() | theme.variables
    least, faint = LEAST[name] if not accent else LEAST["night"]  # a colour that somebody chose is theirs
    for tone in (Tone.NEUTRAL, *VARIABLES):
        color = variables[VARIABLES.get(tone, "foreground")]
        if "auto" in color:
            continue
        wanted = faint if tone is Tone.FAINT else least
        assert contrast(color, variables["background"]) >= wanted, (tone, color)
        assert contrast(color, variables["block-cursor-background"]) >= wanted * 0.65, (tone, color)


def test_the_sixteen_are_given_by_number_and_the_ground_is_the_terminals() -> None:
    ansi = THEMES["ansi"]
    line = [
        Segment("ground", Style.parse(f"{ansi.foreground} on {ansi.background}")),
        Segment("state", Style.parse(f"{ansi.success} on {ansi.background}")),
        Segment("cursor", Style.parse(f"{ansi.foreground} on {ansi.variables['block-cursor-background']}")),
        Segment("blend", Style.parse("#00b010 on #020202")),
        Segment("bare", None),
    ]

    ground, state, cursor, blend, bare = SixteenFilter().apply(line, _BLACK)

    assert ground.style == Style.parse("default on default")
    assert state.style == blend.style == Style.parse("color(2) on default")
    assert cursor.style == Style.parse("color(15) on color(4)")
    assert bare.style is None
    for red, green, blue in [(0, 0, 170), (85, 85, 255), (170, 85, 0), (255, 255, 255), (9, 200, 77)]:
        style = Style.parse(f"#555555 on #{red:02x}{green:02x}{blue:02x}")
        (drawn,) = SixteenFilter().apply([Segment("x", style)], _BLACK)
        assert drawn.style is not None
        assert drawn.style.color is not None
        assert drawn.style.color != drawn.style.bgcolor
        assert drawn.style.color.type in (ColorType.STANDARD, ColorType.DEFAULT)


def test_without_colours_the_cursor_is_inverted_and_actions_stay() -> None:
    filter = ColorlessFilter({"accent": "#ff0000", "text-disabled": "#333333", "block-cursor-background": "#0000ff",
                              "block-cursor-blurred-background": "#000080"})  # fmt: skip
    line = [
        Segment("cursor", Style.parse("white on #0000ff")),
        Segment("here", Style.parse("white on #000080")),
        Segment("key", Style.parse("#ff0000")),
        Segment("faint", Style.parse("italic #333333")),
        Segment("link", Style.parse("red") + Style.from_meta({"@click": "go"})),
    ]

    drawn = [segment.style or Style() for segment in filter.apply(line, _BLACK)]

    assert [style.color or style.bgcolor for style in drawn] == [None] * 5
    assert (drawn[0].reverse, drawn[1].underline, drawn[2].bold, drawn[3].dim, drawn[3].italic) == (True,) * 5
    assert drawn[4].meta == {"@click": "go"}


@pytest.mark.parametrize(
    ("wanted", "no_color", "system", "look"),
    [
        ("", False, "truecolor", Look("night")),
        ("", False, "256", Look("night")),
        ("", False, "standard", Look("ansi")),
        ("day", False, "standard", Look("day")),
        ("day", True, "truecolor", Look("contrast", has_colors=False)),
        ("", False, None, Look("contrast", has_colors=False)),
    ],
)
def test_the_look_suits_the_terminal(wanted: str, no_color: bool, system: str | None, look: Look) -> None:
    assert look_for(wanted, is_ascii=False, no_color=no_color, color_system=system) == look


def test_filters_take_the_place_of_those_that_would_bring_colours_back() -> None:
    usual = [ANSIToTruecolor(MONOKAI), Monochrome()]

    assert Look().through(list(usual)) == usual
    assert [type(each) for each in Look("ansi", is_ascii=True).through([usual[0]])] == [SixteenFilter, AsciiFilter]
    assert [type(each) for each in Look("contrast", has_colors=False).through(list(usual))] == [ColorlessFilter]


def test_pictures_are_told_by_how_light_they_are() -> None:
    line = [
        Segment("▀▀", Style.parse("#ffffff on #ffffff")),
        Segment("▀", Style.parse("#000000 on #000000")),
        Segment("▀▀▀", Style.parse("#808080 on #808080")),
    ]
    plain = ColorlessFilter({})

    assert "".join(segment.text for segment in plain.apply(line, _BLACK)) == "██ ▒▒▒"
    assert "".join(segment.text for segment in AsciiFilter().apply(line, _BLACK)) == "@@ +++"
    assert "".join(segment.text for segment in AsciiFilter().apply(plain.apply(line, _BLACK), _BLACK)).isascii()
