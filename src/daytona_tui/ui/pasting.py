"""What is pasted is text, whatever it holds.

Textual 8.2 looks for keys also inside a bracketed paste: behind an escape, as in coloured output that was copied, it
takes up to thirty-two characters for keys that were pressed, and a line end among them for Enter. Most terminals leave
escapes out of what they paste; some, and multiplexers, do not. Delete this when Textual reads a paste to its end.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from textual._xterm_parser import XTermParser  # private: a driver makes its own, and there is no public way in

if TYPE_CHECKING:
    from textual.driver import Driver
    from textual.message import Message

_ESCAPE = "\x1b"
_BEGIN, _END = "\x1b[200~", "\x1b[201~"


class PlainPastes(XTermParser):
    """Reads what a terminal sends; escapes in a paste are left out of it, what stood behind them is kept."""

    def __init__(self, debug: bool = False) -> None:
        super().__init__(debug)
        self._is_pasting = False
        self._behind = ""
        """Outside a paste: the last of what was read, where the mark of its beginning may have begun. In a paste: what
        may become the mark of its end, and is not handed on yet."""

    def feed(self, data: str) -> Iterable[Message]:
        """Return what ``data`` says, which is the next piece of what the terminal sends; none of it means the end."""
        plain = self._plain(data)
        return super().feed(plain) if plain or not data else ()

    def _plain(self, data: str) -> str:
        plain = ""
        while data:
            text = self._behind + data
            if self._is_pasting:
                pasted, end, data = text.partition(_END)
                self._behind = "" if end else _beginning_of_end(pasted)
                plain += pasted.removesuffix(self._behind).replace(_ESCAPE, "") + end
                self._is_pasting = not end
            else:
                before, begin, rest = text.partition(_BEGIN)
                plain += (before + begin)[len(self._behind) :]
                self._behind = "" if begin else before[1 - len(_BEGIN) :]
                self._is_pasting, data = bool(begin), rest
        return plain


def _beginning_of_end(text: str) -> str:
    """Return what at the end of ``text`` may go on to be the mark of the end."""
    return next((_END[:size] for size in range(len(_END) - 1, 0, -1) if text.endswith(_END[:size])), "")


def read_pastes_as_text(driver: type[Driver]) -> None:
    """Let drivers like ``driver`` read with ``PlainPastes``."""
    module = sys.modules[driver.__module__]
    if hasattr(module, "XTermParser"):
        setattr(module, "XTermParser", PlainPastes)  # noqa: B010 - no name of the module's public face
