"""QR codes for terminals: two of their modules, one above the other, in a cell."""

from __future__ import annotations

from itertools import zip_longest

MARGIN = 2
"""Modules of light around the code. The standard asks for four; telephones are content with two."""
_HALVES = {(True, True): "█", (True, False): "▀", (False, True): "▄", (False, False): " "}


def qr_lines(text: str, *, margin: int = MARGIN) -> tuple[str, ...]:
    """Return the lines of the QR code of ``text``, to be drawn dark on light; empty where it is too long for one.

    The error correction is the lowest: a screen has no scratches, and a smaller code fits.
    """
    rows = _modules(text, margin)
    if not rows:
        return ()
    blank = (False,) * len(rows[0])
    pairs = zip_longest(rows[::2], rows[1::2], fillvalue=blank)
    return tuple("".join(_HALVES[pair] for pair in zip(above, below, strict=True)) for above, below in pairs)


def qr_ascii(text: str, *, margin: int = MARGIN) -> tuple[str, ...]:
    """Return the same for terminals without block letters: two cells a module, as dark ones are ``##``."""
    return tuple("".join("##" if module else "  " for module in row) for row in _modules(text, margin))


def qr_for_terminal(text: str) -> str:
    """Return the QR code as lines that a terminal shows black on white, whatever its colours; empty if too long."""
    return "".join(f"\x1b[38;5;16;48;5;231m{line}\x1b[0m\n" for line in qr_lines(text))


def _modules(text: str, margin: int) -> tuple[tuple[bool, ...], ...]:
    import segno  # noqa: PLC0415 - with the first code, not with the program

    try:
        code = segno.make(text, error="l", boost_error=False, micro=False)
    except segno.DataOverflowError:
        return ()
    return tuple(tuple(bool(module) for module in row) for row in code.matrix_iter(border=margin))
