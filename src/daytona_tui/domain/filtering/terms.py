"""From one word to what it says: plain text, a flag, or a key with an operator and a value."""

from __future__ import annotations

import re
from difflib import get_close_matches

from daytona_tui.domain.filtering.error import FilterError
from daytona_tui.domain.filtering.matching import text_test
from daytona_tui.domain.filtering.printing import NONE, quoted
from daytona_tui.domain.filtering.scanner import Glyph, Glyphs, Term, Token, term_of, text_of
from daytona_tui.domain.filtering.tree import (
    Compare,
    Flag,
    Glob,
    Label,
    Match,
    Node,
    Not,
    Relation,
    Special,
    Word,
    some,
)
from daytona_tui.domain.filtering.vocabulary import (
    ALIASES,
    FLAGS,
    KEYS,
    UNKNOWN,
    LabelKey,
    NumberKey,
    TextKey,
    Unit,
    state_text,
)
from daytona_tui.domain.sandbox import SandboxState

_STATES = (*(state.value for state in SandboxState if state is not SandboxState.UNKNOWN), "resized")
"""States that can be told; the last is only ever desired."""
_COUNT = re.compile(r"\d{1,9}(?:\.\d{1,4})?")
_DURATION = re.compile(r"(?:\d{1,6}[smhdw]){1,5}")
_PARTS = re.compile(r"(\d+)([smhdw])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_LONGEST_S = 99_999 * 86400
_EXAMPLES = {
    Unit.COUNT: "a number such as 2",
    Unit.GIB: "GiB such as 4 or 0.5",
    Unit.DOLLARS_A_DAY: "dollars a day such as 1.50",
    Unit.SECONDS: "a duration such as 30m, 2h or 1d12h",
}
_NO_WORD = ",|&"
"""In a word these look like an "or" or an "and" and would be none: in quotes they are text."""
_NO_VALUE = "?[]{}|&"
"""In a value these look like a pattern and would be none."""
_YES_NO = {"yes": True, "true": True, "no": False, "false": False}


def read_term(token: Token) -> Node:
    """Return what a word says.

    Raises:
        FilterError: nothing that makes sense.
    """
    if token.open_quote is not None:
        raise FilterError("the quote is never closed", token.open_quote, ("a closing quote",))
    term = term_of(token.glyphs)
    if not term.operator:
        return _plain(token)
    name = ALIASES.get(_bare(term.key).casefold(), "")
    if not name:
        return _flag_or_refusal(token, term)
    key = KEYS[name]
    if not term.value:
        raise FilterError(f"{name} has no value", token.end, expected_values(name, term.operator))
    if isinstance(key, LabelKey):
        return _label(term)
    node = _text(key, term) if isinstance(key, TextKey) else _number(key, term)
    return Not(node) if term.operator == "!=" else node


def expected_values(name: str, operator: str) -> tuple[str, ...]:
    """Return what can stand behind a key and an operator, in words."""
    key = KEYS[name]
    if isinstance(key, NumberKey):
        return (_EXAMPLES[key.unit], *(() if operator[0] in "<>" else (*key.words, UNKNOWN)))
    if isinstance(key, LabelKey):
        return ("the name of a label, such as team or team=ml",)
    return ("a state such as started",) if name == "state" else ('text such as abc, abc* or "a b"', UNKNOWN)


def _plain(token: Token) -> Node:
    if token.bare in FLAGS:
        return Flag(token.bare)
    glob = _glob(token.glyphs, _NO_WORD)
    parts = tuple(part for part in glob if part)
    if not parts:
        what = "a star alone says nothing" if token.glyphs else "there is nothing between the quotes"
        raise FilterError(what, token.start, ("a word",))
    return Word(parts)


def _flag_or_refusal(token: Token, term: Term) -> Node:
    written = text_of(term.key)
    if not written:
        raise FilterError(f"nothing stands before {term.operator}", term.operator_at, ("a key such as state",))
    flag, answer = _bare(term.key).casefold(), _bare(term.value).casefold()
    if flag in FLAGS:
        if term.operator not in (":", "=") or answer not in _YES_NO:
            raise FilterError(f"{flag} is or is not", term.operator_at, (flag, f"!{flag}"))
        return Flag(flag) if _YES_NO[answer] else Not(Flag(flag))
    close = get_close_matches(written.casefold(), (*ALIASES, *FLAGS), n=3)
    near = dict.fromkeys(ALIASES.get(name, name) for name in close)
    text = quoted(text_of(token.glyphs), "word")
    raise FilterError(f"there is no key {written}", token.start, (*near, f"label:{written}=…", f"{text} as a word"))


def _bare(glyphs: Glyphs) -> str:
    return "" if any(glyph.is_quoted for glyph in glyphs) else text_of(glyphs)


def _glob(glyphs: Glyphs, refused: str = _NO_VALUE) -> Glob:
    """Return the parts between unquoted stars; stars side by side are one.

    Raises:
        FilterError: an unquoted character is one of ``refused``. Its opposite would be nearly everything.
    """
    parts: list[list[str]] = [[]]
    was_star = False
    for glyph in glyphs:
        if glyph.char in refused and not glyph.is_quoted:
            raise FilterError(
                f"{glyph.char} means nothing here", glyph.position, ("or", "*", f'"{glyph.char}" in quotes')
            )
        is_star = glyph.char == "*" and not glyph.is_quoted
        if is_star and not was_star:
            parts.append([])
        elif not is_star:
            parts[-1].append(glyph.char)
        was_star = is_star
    return tuple("".join(part) for part in parts)


def _alternatives(glyphs: Glyphs) -> list[Glyphs]:
    """Return what stands between unquoted commas.

    Raises:
        FilterError: nothing does, or a ``!`` that belongs before the key.
    """
    alternatives: list[list[Glyph]] = [[]]
    for glyph in glyphs:
        if glyph.char == "," and not glyph.is_quoted:
            if not alternatives[-1]:
                raise FilterError("nothing stands before the comma", glyph.position, ("a value",))
            alternatives.append([])
        else:
            alternatives[-1].append(glyph)
    if not alternatives[-1]:
        raise FilterError("nothing stands behind the comma", glyphs[-1].position + 1, ("a value",))
    for first, *_ in alternatives:
        if first.char == "!" and not first.is_quoted:
            raise FilterError("! stands before the key", first.position, ("a value",))
    return list(alternatives)


def _text(key: TextKey, term: Term) -> Node:
    if term.operator not in (":", "=", "!=", "~"):
        raise FilterError(f"{key.name} is not a number", term.operator_at, (":", "~"))
    contains = term.operator == "~"
    globs: list[Glob] = []
    is_unknown_too = False
    for value in _alternatives(term.value):
        if _bare(value).casefold() in (UNKNOWN, NONE) and not contains:
            is_unknown_too = True
            continue
        glob = _contained(value) if contains else _glob(value)
        globs.append(_state(glob, value, contains) if key.name in ("state", "desired") else glob)
    nodes: list[Node] = [Match(key.name, tuple(globs), contains)] if globs else []
    return some([*nodes, *([Special(key.name, UNKNOWN)] if is_unknown_too else [])])


def _contained(value: Glyphs) -> Glob:
    parts = tuple(part for part in _glob(value) if part)
    if not parts:
        raise FilterError("a star alone says nothing", value[0].position, ("text",))
    return parts


def _state(glob: Glob, value: Glyphs, contains: bool) -> Glob:
    """Return the pattern in the one spelling of states; refuse a state that nobody has: its opposite is everything."""
    glob = tuple(map(state_text, glob))
    fits = text_test([glob], contains)
    if not any(map(fits, _STATES)):
        near = get_close_matches("".join(glob), (*_STATES, UNKNOWN), n=3, cutoff=0.5)
        raise FilterError(f"there is no state {text_of(value)}", value[0].position, tuple(near) or _STATES)
    return glob


def _label(term: Term) -> Node:
    if term.operator not in (":", "="):
        raise FilterError("a label is named first", term.operator_at, ("label:NAME", "label:NAME=VALUE"))
    named = term_of(term.value, "=~")
    if not named.key:
        raise FilterError("the label has no name", term.value[0].position, expected_values("label", ":"))
    names = [_glob(name) for name in _alternatives(named.key)]
    if not named.operator:
        return some(Label(name) for name in names)
    if named.operator not in ("=", "~", "!="):
        raise FilterError("a label is text", named.operator_at, ("=", "~"))
    if not named.value:
        raise FilterError("the label has no value", term.value[-1].position + 1, ("text such as ml or m*",))
    contains = named.operator == "~"
    globs = tuple(_contained(value) if contains else _glob(value) for value in _alternatives(named.value))
    node = some(Label(name, globs, contains) for name in names)
    return Not(node) if named.operator == "!=" else node


def _number(key: NumberKey, term: Term) -> Node:
    written, at = text_of(term.value).casefold(), term.value[0].position
    is_equal = term.operator in (":", "=", "!=")
    if term.operator == "~":
        raise FilterError(f"{key.name} is a number", term.operator_at, ("<", "<=", ">", ">="))
    if is_equal and written in (*key.words, UNKNOWN):
        return Special(key.name, written)
    if is_equal and not key.is_exact:
        raise FilterError(
            f"{key.name} never equals anything exactly", term.operator_at, ("<", "<=", ">", ">=", *_words(key))
        )
    number = _amount(key.unit, written)
    if number is None:
        raise FilterError(f"{key.name} cannot be {text_of(term.value)}", at, expected_values(key.name, term.operator))
    return Compare(key.name, Relation.EQUAL if is_equal else Relation(term.operator), number)


def _words(key: NumberKey) -> list[str]:
    return [f"={word}" for word in (*key.words, UNKNOWN)]


def _amount(unit: Unit, written: str) -> float | None:
    if unit is Unit.SECONDS:
        if written == "0":
            return 0.0
        if not _DURATION.fullmatch(written):
            return None
        seconds = sum(int(count) * _SECONDS[name] for count, name in _PARTS.findall(written))
        return float(seconds) if seconds <= _LONGEST_S else None
    if unit is Unit.GIB:
        written = re.sub(r"gi?b?$", "", written)
    return float(written) if _COUNT.fullmatch(written) else None
