"""Modes of files: as ``ls`` writes them, as numbers, and as a person asks for a change of them. Pure."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"0*[0-7]{1,4}")
_CHANGE = re.compile(r"([ugoa]*)([-+=])([rwxX]*)")
_BITS = {"r": 0o4, "w": 0o2, "x": 0o1}
_SHIFTS = {"u": 6, "g": 3, "o": 0}
_LETTERS = "rwxrwxrwx"


def bits_of(mode: str) -> int:
    """Return the permissions of a mode such as ``drwxr-xr-x`` as a number; what is no mode has none.

    The bits for set-uid, set-gid and sticky are not among them: they are not kept by anything that is built on this.
    """
    letters = mode[-9:] if len(mode) >= 9 else ""
    return sum(1 << (8 - at) for at, letter in enumerate(letters) if letter in "rwxst" and _stands(letter, at))


def _stands(letter: str, at: int) -> bool:
    return letter == _LETTERS[at] or (letter in "st" and _LETTERS[at] == "x")


def spelt_mode(bits: int) -> str:
    """Return permissions in three digits: ``644``; in four where there are more than those."""
    return f"{bits:03o}"


def changed_mode(text: str, mode: str, *, is_dir: bool = False) -> int:
    """Return the permissions that ``text`` asks for: ``640``, ``u+x``, ``go-w,u=rw``.

    Args:
        text: what somebody typed.
        mode: as it is now, such as ``-rw-r--r--``.
        is_dir: ``X`` means ``x`` for a directory, and for what anybody may execute already.

    Raises:
        ValueError: with what is wrong with it, in words.
    """
    text = text.strip()
    if _NUMBER.fullmatch(text):
        return int(text, 8)
    bits = bits_of(mode)
    for part in text.split(","):
        found = _CHANGE.fullmatch(part.strip())
        if found is None:
            raise ValueError(f"{part.strip() or text!r} is no mode: write 644, u+x or go-w")
        who, sign, what = found.groups()
        bits = _applied(bits, "ugo" if not who or "a" in who else who, sign, _bits(what, bits, is_dir))
    return bits


def _bits(what: str, before: int, is_dir: bool) -> int:
    means_x = is_dir or bool(before & 0o111)
    return sum(_BITS[letter] for letter in set(what.replace("X", "x" if means_x else "")))


def _applied(bits: int, who: str, sign: str, what: int) -> int:
    for each in set(who):
        shift = _SHIFTS[each]
        if sign == "-":
            bits &= ~(what << shift)
        elif sign == "=":
            bits = bits & ~(0o7 << shift) | what << shift
        else:
            bits |= what << shift
    return bits
