"""What the beginning of a word can become: keys, flags, and the values that the fleet has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from heapq import nsmallest

from daytona_tui.domain.filtering.error import FilterError
from daytona_tui.domain.filtering.printing import quoted
from daytona_tui.domain.filtering.scanner import Glyphs, Kind, Token, scan, term_of, text_of
from daytona_tui.domain.filtering.vocabulary import ALIASES, FLAGS, KEYS, UNKNOWN, Key, LabelKey, NumberKey
from daytona_tui.domain.sandbox import Sandbox, SandboxState

MAX_OPTIONS = 50
"""Values that are offered at most."""


@dataclass(frozen=True, slots=True)
class Option:
    """One way to go on.

    Attributes:
        text: what is to stand in place of the beginning. Text from sandboxes, as it is.
        note: what it means, or how many sandboxes have it.
    """

    text: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Completions:
    """All ways to go on.

    Attributes:
        start: where the beginning begins that is to be replaced; it ends at the cursor.
        options: the likeliest first.
        subject: what is asked for here, in words; empty where plain words are as good as anything.
    """

    start: int
    options: tuple[Option, ...] = ()
    subject: str = ""

    def applied(self, text: str, cursor: int, option: Option) -> tuple[str, int]:
        """Return ``text`` with the option in it, and where the cursor is then."""
        head = text[: self.start] + option.text
        return head + text[cursor:], len(head)


def complete(text: str, cursor: int, sandboxes: Iterable[Sandbox]) -> Completions:
    """Return what can stand at the cursor.

    Args:
        text: a filter that need not parse.
        cursor: index into it.
        sandboxes: where values come from. They are gone through once, and only for a key that has values.
    """
    try:
        tokens = scan(text[:cursor])
    except FilterError:
        return Completions(cursor)
    last = tokens[-1] if tokens else None
    if last is None or last.kind is not Kind.WORD or last.end != cursor:
        return Completions(cursor)
    term = term_of(last.glyphs)
    if not term.operator:
        return _words(last)
    name = ALIASES.get(text_of(term.key).casefold())
    if name is None:
        return Completions(cursor)
    key, start = KEYS[name], term.operator_at + len(term.operator)
    # Blanks behind an ordering are no part of the value; behind anything else they end the word.
    start = term.value[0].position if isinstance(key, NumberKey) and term.value else start
    return _values(key, term.operator, _Beginning(term.value, start, cursor), sandboxes)


@dataclass(frozen=True, slots=True)
class _Beginning:
    """What is typed of a value, and where."""

    glyphs: Glyphs
    start: int
    end: int

    @property
    def typed(self) -> str:
        return text_of(self.glyphs).casefold()

    def after(self, char: str) -> _Beginning | None:
        """Return what stands behind the last unquoted ``char``; None where there is none."""
        for index in range(len(self.glyphs) - 1, -1, -1):
            glyph = self.glyphs[index]
            if glyph.char == char and not glyph.is_quoted:
                return _Beginning(self.glyphs[index + 1 :], glyph.position + 1, self.end)
        return None


def _words(token: Token) -> Completions:
    typed = token.bare
    keys = [
        Option(_with_operator(KEYS[name]), KEYS[name].meaning)
        for spelling, name in ALIASES.items()
        if typed and spelling.startswith(typed)
    ]
    flags = [Option(flag.name, flag.meaning) for flag in FLAGS.values() if typed and flag.name.startswith(typed)]
    return Completions(token.start, tuple(dict.fromkeys([*keys, *flags])))


def _with_operator(key: Key) -> str:
    return f"{key.name}{key.operator if isinstance(key, NumberKey) else ':'}"


def _values(key: Key, operator: str, beginning: _Beginning, sandboxes: Iterable[Sandbox]) -> Completions:
    if isinstance(key, NumberKey):
        words = (*key.words, UNKNOWN) if operator in (":", "=", "!=") else ()
        fitting = tuple(Option(word) for word in words if word.startswith(beginning.typed))
        return Completions(beginning.start, fitting, key.meaning)
    if isinstance(key, LabelKey):
        return _label_values(beginning, sandboxes)
    counts = Counter(filter(None, map(key.read, sandboxes)))
    if key.name == "state":
        counts.update({state.value: 0 for state in SandboxState if state is not SandboxState.UNKNOWN})
    last = beginning.after(",") or beginning
    extra = (Option(UNKNOWN, "not told"),) if key.name not in ("name", "id") else ()
    return _fitting(counts, last, "value", key.meaning, extra)


def _label_values(beginning: _Beginning, sandboxes: Iterable[Sandbox]) -> Completions:
    term = term_of(beginning.glyphs, "=~")
    if not term.operator:
        names = Counter(name for sandbox in sandboxes for name in sandbox.labels)
        return _fitting(names, beginning.after(",") or beginning, "name", "name of a label")
    wanted = text_of(term.key).casefold()
    values = Counter(
        value for sandbox in sandboxes for name, value in sandbox.labels.items() if name.casefold() == wanted
    )
    value = _Beginning(term.value, term.operator_at + len(term.operator), beginning.end)
    return _fitting(values, value.after(",") or value, "label", f"value of the label {text_of(term.key)}")


def _fitting(
    counts: Mapping[str, int], beginning: _Beginning, place: str, subject: str, extra: tuple[Option, ...] = ()
) -> Completions:
    """Return the values that begin with what is typed, then those that have it inside; frequent ones first."""
    typed = beginning.typed
    fitting = [value for value in counts if typed in value.casefold() and value.isprintable()]
    best = nsmallest(
        MAX_OPTIONS, fitting, lambda value: (not value.casefold().startswith(typed), -counts[value], value)
    )
    options = [Option(quoted(value, place), f"{counts[value]:,}") for value in best]
    options += [option for option in extra if option.text.startswith(typed)]
    return Completions(beginning.start, tuple(options), subject)
