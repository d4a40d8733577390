"""What is done to every line just before it is drawn, where colours or letters are not what a terminal can show."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from rich._palettes import STANDARD_PALETTE  # private in Rich 15: the numbers of the sixteen have no public table
from rich.cells import cell_len, set_cell_size
from rich.color import Color, ColorType
from rich.segment import Segment
from rich.style import Style
from textual.color import Color as TextualColor
from textual.filter import LineFilter

from daytona_tui.presentation.ascii import as_ascii

_BRIGHT_BLACK, _WHITE, _BRIGHT_WHITE, _BLACK = 8, 7, 15, 0
_LIGHT_GROUNDS = frozenset({2, 3, 6, 7, 10, 11, 14, 15})
_NO_COLOR = Color.default()
_HALF = "▀"
"""Pictures are drawn with it: its colour and that of its ground are two pixels."""
_SHADES = " ░▒▓█"
_LETTERS = " .:-=+*#%@"


class AsciiFilter(LineFilter):
    """Draws everything with the letters of ASCII; nothing moves."""

    def apply(self, segments: list[Segment], background: TextualColor) -> list[Segment]:
        """Return ``segments`` with twins in the place of all other letters; pictures by how light they are."""
        return [
            segment
            if segment.text.isascii()
            else Segment(_shaded(segment, _LETTERS) or _fitted(segment.text), segment.style, segment.control)
            for segment in segments
        ]


def _shaded(segment: Segment, steps: str) -> str:
    """Return a piece of a picture in ``steps`` from dark to light; empty where it is none."""
    style = segment.style
    if style is None or style.color is None or style.bgcolor is None or segment.text.strip(_HALF):
        return ""
    light = [_light(style.color), _light(style.bgcolor)]
    return steps[min(len(steps) - 1, int(sum(light) / 2 * len(steps)))] * len(segment.text)


def _light(color: Color) -> float:
    red, green, blue = color.get_truecolor()
    return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255


@lru_cache(4096)
def _fitted(text: str) -> str:
    """Return ``text`` in ASCII; letters that the drawing joins into one must not make the line longer."""
    twin = as_ascii(text)
    width = cell_len(text)
    return twin if cell_len(twin) == width else set_cell_size(twin, width)


class SixteenFilter(LineFilter):
    """Gives every colour as one of the terminal's own sixteen; ground and text as the terminal has them by itself.

    A theme made of the usual values of those sixteen comes out exactly. Others come out as the nearest.
    """

    def apply(self, segments: list[Segment], background: TextualColor) -> list[Segment]:
        """Return ``segments`` with numbered colours."""
        return [
            segment if segment.style is None else Segment(segment.text, _sixteen(segment.style), segment.control)
            for segment in segments
        ]


@lru_cache(4096)
def _sixteen(style: Style) -> Style:
    ground = _number(style.bgcolor, _BLACK)
    letter = _number(style.color, _WHITE)
    if ground is not None and letter in (None, _BLACK, _BRIGHT_BLACK, ground):
        # On a colour, what the terminal takes for text may not be seen.
        letter = _BLACK if ground in _LIGHT_GROUNDS else _WHITE if letter == _BRIGHT_BLACK else _BRIGHT_WHITE
    return style + Style.from_color(_color(letter), _color(ground))


def _color(number: int | None) -> Color:
    return _NO_COLOR if number is None else Color.from_ansi(number)


def _number(color: Color | None, usual: int) -> int | None:
    """Return which of the sixteen a colour is, or is nearest to; None for the terminal's own."""
    if color is None or color.is_default:
        return None
    if color.type is ColorType.STANDARD:
        return color.number
    number = STANDARD_PALETTE.match(color.get_truecolor())
    return None if number == usual else number


class ColorlessFilter(LineFilter):
    """Leaves no colour: what stands out is bold, inverted or underlined, what is of second rank is dim.

    Args:
        variables: those of the theme that everything is drawn with.
    """

    def __init__(self, variables: Mapping[str, str]) -> None:
        super().__init__()

        def colors(*names: str) -> frozenset[tuple[int, int, int]]:
            return frozenset(TextualColor.parse(variables[name]).rgb for name in names if name in variables)

        self._inverted = colors(
            "block-cursor-background", "input-cursor-background", "input-selection-background", "accent", "error"
        )
        self._underlined = colors("block-cursor-blurred-background", "panel") | _tinted(variables)
        self._bold = colors("accent", "error", "warning")
        self._dim = colors("text-disabled")
        self._styles: dict[Style, Style] = {}

    def apply(self, segments: list[Segment], background: TextualColor) -> list[Segment]:
        """Return ``segments`` without colours; pictures by how light they are."""
        return [
            segment
            if segment.style is None
            else Segment(_shaded(segment, _SHADES) or segment.text, self._plain(segment.style), segment.control)
            for segment in segments
        ]

    def _plain(self, style: Style) -> Style:
        if style not in self._styles:
            if len(self._styles) > 4096:
                self._styles.clear()
            self._styles[style] = self._made(style)
        return self._styles[style]

    def _made(self, style: Style) -> Style:
        ground, letter = _triplet(style.bgcolor), _triplet(style.color)
        bare = style.without_color + Style.from_meta(style.meta) if style.meta else style.without_color
        if ground in self._inverted:
            return bare + Style(reverse=not style.reverse)
        return bare + Style(
            underline=True if ground in self._underlined else None,
            bold=True if letter in self._bold else None,
            dim=True if letter in self._dim else None,
        )


def _tinted(variables: Mapping[str, str]) -> frozenset[tuple[int, int, int]]:
    """Return the ground of an entry that has the focus: Textual tints it."""
    if not {"panel", "foreground"} <= variables.keys():
        return frozenset()
    return frozenset(
        {TextualColor.parse(variables["panel"]).blend(TextualColor.parse(variables["foreground"]), 0.05).rgb}
    )


def _triplet(color: Color | None) -> tuple[int, int, int] | None:
    return None if color is None or color.is_default else tuple(color.get_truecolor())  # type: ignore[return-value]
