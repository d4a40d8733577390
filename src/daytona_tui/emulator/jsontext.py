"""JSON from clients, read as a server in another language reads it."""

from __future__ import annotations

import json
from typing import NoReturn


def decode_json(raw: bytes) -> object:
    """Return what a request's JSON says.

    Half a surrogate pair becomes U+FFFD, so that every string can be a name, a command, or an answer again.

    Raises:
        ValueError: it is no JSON (``NaN`` and ``Infinity`` are none, whatever Python's decoder thinks), or nested
            beyond reason.
    """
    try:
        value: object = json.loads(raw, parse_constant=_refuse_constant)
        if b"\\u" in raw:
            text = json.dumps(value, ensure_ascii=False)
            value = json.loads(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    return value


def _refuse_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON")
