"""What is left out of a copy by its name: the usual, ``.gitignore`` files, and one's own patterns. Pure.

Patterns mean what they mean in a ``.gitignore`` (gitignore(5)): the last one that matches decides, ``!`` takes back, a
slash at the end means directories only, any other slash ties it to the directory of its file. Whoever asks goes from
the top down: what is below a directory that is left out is left out with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

USUAL = (
    "node_modules/",
    "__pycache__/",
    ".venv/",
    ".cache/",
    ".tox/",
    ".nox/",
    ".mypy_cache/",
    ".pytest_cache/",
    ".ruff_cache/",
    ".gradle/",
    ".npm/",
)
"""Directories of what can be had again, and in which most of the files of most sandboxes lie."""


Expressions = tuple["re.Pattern[str] | None", ...]
"""One for each part of a path; None is ``**``: any number of them."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """One line of a ``.gitignore``.

    Attributes:
        text: as it was written.
        takes_back: it begins with ``!``.
        only_directories: it ends with ``/``.
        expressions: what the parts of a path have to be; of one that is not tied, the last part.
        is_tied: it speaks of whole paths, not of names wherever they are.
    """

    text: str
    takes_back: bool
    only_directories: bool
    expressions: Expressions
    is_tied: bool

    def matches(self, parts: tuple[str, ...], *, is_dir: bool) -> bool:
        """Return True for a path, relative to where the pattern stands, that it speaks of."""
        if self.only_directories and not is_dir:
            return False
        return _match(self.expressions, parts if self.is_tied else parts[-1:])


def pattern_of(line: str) -> Pattern | None:
    """Return what a line means; None where it is empty or a comment."""
    text = line.rstrip("\r\n")
    while text.endswith(" ") and not text.endswith("\\ "):
        text = text[:-1]
    if not text or text.startswith("#"):
        return None
    body = text[1:] if text.startswith("!") else text
    only_directories = body.endswith("/")
    body = body[:-1] if only_directories else body
    if not body:
        return None
    globs = body.removeprefix("/").split("/")
    expressions = tuple(None if glob == "**" else expression(glob) for glob in globs)
    return Pattern(text, text.startswith("!"), only_directories, expressions, "/" in body)


def tied_pattern(text: str, globs: Iterable[str], *, takes_back: bool = False) -> Pattern:
    """Return a pattern of whole paths, made of the globs of their parts."""
    return Pattern(text, takes_back, False, tuple(None if glob == "**" else expression(glob) for glob in globs), True)


def _match(expressions: Expressions, parts: tuple[str, ...]) -> bool:
    """Return True where each part has its expression. Goes back to the last ``**`` only, which is enough."""
    at = part = 0
    any_at, any_part = -1, 0
    while part < len(parts):
        expression = expressions[at] if at < len(expressions) else None
        if at < len(expressions) and expression is None:
            any_at, any_part = at, part
            at += 1
            # At the end it stands for what is in a directory, not for the directory.
            part += at == len(expressions)
        elif expression is not None and expression.fullmatch(parts[part]):
            at, part = at + 1, part + 1
        elif any_at >= 0:
            any_part += 1
            at, part = any_at + 1, any_part
        else:
            return False
    return at == len(expressions)


@lru_cache(maxsize=4096)
def expression(glob: str) -> re.Pattern[str]:
    """Return the expression for one part. What a star has taken is not tried again: it need not be, and never ends."""
    pieces: list[list[str]] = [[]]
    at = 0
    while at < len(glob):
        letter = glob[at]
        at += 1
        if letter == "*":
            pieces.append([])
        elif letter == "?":
            pieces[-1].append("[^/]")
        elif letter == "[" and (end := _class_end(glob, at)) > 0:
            pieces[-1].append(_class(glob[at:end]))
            at = end + 1
        elif letter == "\\" and at < len(glob):
            pieces[-1].append(re.escape(glob[at]))
            at += 1
        else:
            pieces[-1].append(re.escape(letter))
    first, *rest = ["".join(piece) for piece in pieces]
    middle = "".join(f"(?>.*?{piece})" for piece in rest[:-1] if piece)
    return re.compile(first + middle + (f".*{rest[-1]}" if rest else ""), re.DOTALL)


def _class_end(glob: str, at: int) -> int:
    """Return where the class that begins at ``at`` ends; -1 where it does not."""
    first = at + 1 if glob[at : at + 1] in ("!", "^") else at
    return glob.find("]", first + 1)


def _class(letters: str) -> str:
    negated = letters[:1] in ("!", "^")
    body = letters[1:] if negated else letters
    made: list[str] = []
    at = 0
    while at < len(body):
        if body[at + 1 : at + 2] == "-" and at + 2 < len(body):
            low, high = body[at], body[at + 2]
            if low <= high:
                made.append(f"{re.escape(low)}-{re.escape(high)}")
            at += 3
        else:
            made.append(re.escape(body[at]))
            at += 1
    inside = "".join(made)
    if not inside:
        return "[^/]" if negated else "(?!)"
    return f"[^/{inside}]" if negated else f"[{inside}]"


class Ignoring:
    """Everything that decides what is left out of one copy.

    Of several that speak of a path the later one decides: the usual, ``.gitignore`` files from the top down, and one's
    own patterns last.
    """

    def __init__(self, patterns: Iterable[str] = (), *, usual: bool = True) -> None:
        self._usual = _patterns(USUAL) if usual else []
        self._own = _patterns(patterns)
        self._files: dict[tuple[str, ...], list[Pattern]] = {}

    def add_file(self, directory: tuple[str, ...], text: str) -> None:
        """Take in the ``.gitignore`` of a directory, named by its parts below the root of the copy."""
        self._files[directory] = _patterns(text.splitlines())

    @property
    def pruned(self) -> tuple[str, ...]:
        """Names of directories that are left out wherever they are, so that nobody need look into them."""
        if self._files or any(pattern.takes_back for pattern in self._own):
            return ()
        names = (pattern.text.rstrip("/") for pattern in self._usual)
        return tuple(name for name in names)

    def because(self, parts: tuple[str, ...], *, is_dir: bool) -> str:
        """Return the pattern by which something is left out; empty where it is not."""
        decided = _last(self._usual, parts, is_dir)
        for depth in range(len(parts)) if self._files else ():
            patterns = self._files.get(parts[:depth])
            if patterns:
                decided = _last(patterns, parts[depth:], is_dir) or decided
        decided = _last(self._own, parts, is_dir) or decided
        return decided.text if decided is not None and not decided.takes_back else ""


def _patterns(lines: Iterable[str]) -> list[Pattern]:
    return [pattern for pattern in map(pattern_of, lines) if pattern is not None]


def _last(patterns: list[Pattern], parts: tuple[str, ...], is_dir: bool) -> Pattern | None:
    for pattern in reversed(patterns):
        if pattern.matches(parts, is_dir=is_dir):
            return pattern
    return None
