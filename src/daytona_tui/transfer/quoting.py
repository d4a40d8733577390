"""Names of a sandbox in a shell script that travels as text.

A name on Linux is bytes, of any encoding or none. What is no UTF-8 is held as ``os.fsdecode`` holds it, and no text can
say it; but ``printf`` in the sandbox can.
"""

from __future__ import annotations

import os
import re
import shlex

_NO_TEXT = re.compile("([\udc80-\udcff]+)")


def quoted(name: str) -> str:
    """Return what stands for ``name`` in a shell script."""
    if is_text(name):
        return shlex.quote(name)
    pieces = _NO_TEXT.split(name)
    return "".join(_said(piece) if number % 2 else shlex.quote(piece) for number, piece in enumerate(pieces) if piece)


def is_text(name: str) -> bool:
    """Return True for a name that a request can say as it is."""
    return _NO_TEXT.search(name) is None


def _said(piece: str) -> str:
    octal = "".join(f"\\{byte:03o}" for byte in os.fsencode(piece))
    return f"\"$(printf '{octal}')\""
