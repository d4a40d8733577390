"""Labels of one sandbox or many, and the changes that are being made to them, before they are carried out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from daytona_tui.domain.deeds import LabelEdit
from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.presentation.safe_text import safe

LONGEST = 256
"""Characters of a key or a value; longer ones are refused here rather than somewhere on the way."""

LANGUAGE_LABEL = "code-toolbox-language"
LANGUAGES = frozenset({"python", "typescript", "javascript"})
"""Daytona's own label and the values that its SDK knows: with another one its list() fails for everybody."""

_FEW = 3


class LabelError(ValueError):
    """What was typed is no label; the message says why."""


@dataclass(frozen=True, slots=True)
class LabelRow:
    """A key, as it is and as it will be.

    Attributes:
        key: as the server has it.
        values: what it is now, the most frequent first; empty where no sandbox has it.
        held_by: how many sandboxes have it.
        of: how many there are.
        becomes: the value it will have; None: it is left, or goes.
        goes: it is to be taken away.
    """

    key: str
    values: tuple[str, ...]
    held_by: int
    of: int
    becomes: str | None = None
    goes: bool = False

    @property
    def is_mixed(self) -> bool:
        """True when the sandboxes do not agree about it."""
        return len(self.values) > 1 or 0 < self.held_by < self.of

    def now_words(self) -> str:
        """Return what it is now, safe for a terminal."""
        few = ", ".join(safe(value) or "(empty)" for value in self.values[:_FEW])
        more = f" and {len(self.values) - _FEW} more" if len(self.values) > _FEW else ""
        return f"{few}{more}"


class LabelDraft:
    """Changes that have not been carried out yet. All other labels stay as they are."""

    def __init__(self, sandboxes: Sequence[Sandbox]) -> None:
        self._values: dict[str, Counter[str]] = {}
        self._count = len(sandboxes)
        self._set: dict[str, str] = {}
        self._gone: set[str] = set()
        for sandbox in sandboxes:
            for key, value in sandbox.labels.items():
                self._values.setdefault(key, Counter())[value] += 1

    @property
    def edit(self) -> LabelEdit:
        """The changes."""
        return LabelEdit(dict(self._set), frozenset(self._gone))

    def rows(self) -> tuple[LabelRow, ...]:
        """Return every key, new ones too, in alphabetical order."""
        return tuple(self._row(key) for key in sorted({*self._values, *self._set}, key=str.casefold))

    def put(self, key: str, value: str) -> str:
        """Add or change a label; return what is to be said of it.

        Raises:
            LabelError: this is no label.
        """
        key, value = key.strip(), value.strip()
        for name, text in (("key", key), ("value", value)):
            if len(text) > LONGEST:
                raise LabelError(f"a {name} has at most {LONGEST} characters, this one {len(text):,}")
            if safe(text) != text:
                raise LabelError(f"a {name} holds no control or invisible characters")
        if not key:
            raise LabelError("a label needs a key: key=value")
        replaced = self._set.get(key)
        self._gone.discard(key)
        if self._is_everywhere(key, value):
            self._set.pop(key, None)
            return f"{key} is {value or 'empty'} already"
        self._set[key] = value
        if key == LANGUAGE_LABEL and value not in LANGUAGES:
            return "Daytona's SDK cannot list sandboxes any more once one has another language than " + ", ".join(
                sorted(LANGUAGES)
            )
        return f"{key} was to be {replaced}, now {value}" if replaced not in (None, value) else ""

    def remove(self, key: str) -> None:
        """Take a label away; if that is so already, or it is new, take the change back."""
        if key in self._set:
            del self._set[key]
        elif key in self._gone:
            self._gone.discard(key)
        elif key in self._values:
            self._gone.add(key)

    def _is_everywhere(self, key: str, value: str) -> bool:
        return self._values.get(key, Counter())[value] == self._count

    def _row(self, key: str) -> LabelRow:
        values = self._values.get(key, Counter())
        ordered = tuple(value for value, _ in values.most_common())
        return LabelRow(key, ordered, values.total(), self._count, self._set.get(key), key in self._gone)


def parse_label(text: str) -> tuple[str, str]:
    """Return key and value of ``key=value``; the value is all after the first ``=``.

    Raises:
        LabelError: there is no ``=``.
    """
    key, sign, value = text.partition("=")
    if not sign:
        raise LabelError("type key=value")
    return key, value


def edit_words(edit: LabelEdit) -> str:
    """Return a change in words: ``sets team=ml, run=7; takes away keep``; safe for a terminal."""
    parts = []
    if edit.set:
        parts.append("sets " + ", ".join(f"{safe(key)}={safe(value)}" for key, value in sorted(edit.set.items())))
    if edit.remove:
        parts.append("takes away " + ", ".join(safe(key) for key in sorted(edit.remove)))
    return "; ".join(parts)
