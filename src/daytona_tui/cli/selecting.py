"""Which sandboxes the words behind a verb of many mean: each of them by its name, or all that one filter finds.

An id or a whole name is that sandbox. What is more than a word (a key, a flag, a star, quotes, a parenthesis) makes all
words one filter. Any other word is the beginning of one id or name or, where no word begins any, text to look for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from daytona_tui.cli.trouble import Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from daytona_tui.config.settings import Settings
    from daytona_tui.domain.sandbox import Sandbox

_NOTHING = "nothing was done"


@dataclass(frozen=True, slots=True)
class Selection:
    """Who is meant.

    Attributes:
        sandboxes: they, each once.
        is_named: they were named one by one, and not found by a filter.
        notes: how words were understood that are not whole, in words.
        doubts: which words may mean another sandbox tomorrow, so that nobody is deleted by them unasked.
    """

    sandboxes: tuple[Sandbox, ...]
    is_named: bool
    notes: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()

    def has(self, sandbox: Sandbox) -> bool:
        """Return whether a sandbox is meant, in whatever listing it stands."""
        return any(each.id == sandbox.id for each in self.sandboxes)


def text_of(words: Sequence[str]) -> str:
    """Return the words as the text of a filter.

    Raises:
        Refusal: they are blank, which as a filter would mean everybody, or one of them is: a variable that is not set.
    """
    text = " ".join(words)
    if not text.strip():
        raise Refusal("empty_filter", "an empty filter means every sandbox", hint="say which ones")
    if not all(word.strip() for word in words):
        raise Refusal("empty_filter", f"one of the words is empty; {_NOTHING}", hint="leave it out")
    return text


def selected(fleet: Sequence[Sandbox], words: Sequence[str], settings: Settings) -> Selection:
    """Return the sandboxes of ``fleet`` that ``words`` mean.

    Raises:
        AmbiguousError: a word is the beginning of several names or ids.
        NotFoundError: some words name sandboxes, and one does not.
        Refusal: the words are no filter, or name sandboxes within one.
    """
    from daytona_tui.cli.filtering import filters_of
    from daytona_tui.operations.find import whole

    exact = [whole(fleet, word) for word in words]
    if all(exact):
        named = [each for each in exact if each]
        doubts = tuple(_two_meanings(each) for word, each in zip(words, named, strict=True) if _is_filter(word, each))
        return Selection(_once(named), is_named=True, notes=doubts, doubts=doubts)
    if all(map(is_plain, words)):
        return _plain(fleet, words, settings)
    for word, sandbox in zip(words, exact, strict=True):
        if sandbox is not None and is_plain(word):
            message = f"{word!r} is a sandbox, and the other words are a filter; {_NOTHING}"
            raise Refusal("unclear", message, hint=f"name sandboxes or say one filter, in which that is name:{word}")
    found = _found(fleet, words, settings)
    filter_ = filters_of([text_of(words)])[0]
    texts = filter_.words or ((filter_.text,) if "" in filter_.asks_for else ())  # also text that is not to be there
    doubts = tuple(f"{word or filter_.text!r} is looked for as text" for word in texts if found)
    return Selection(found, is_named=False, doubts=doubts)


def _is_filter(word: str, sandbox: Sandbox) -> bool:
    """Return whether the name of a sandbox is a filter as well: anybody may call one ``state:stopped``."""
    from daytona_tui.domain.filters import FilterError, parse

    if sandbox.id == word or is_plain(word):
        return False
    try:
        parse(word)
    except FilterError:
        return False
    return True


def _two_meanings(sandbox: Sandbox) -> str:
    return f"{sandbox.name!r} is the name of {sandbox.id}, and would be a filter"


def is_plain(word: str) -> bool:
    """Return whether a word is mere text to a filter: no key, flag, star, quote or operator; blanks join several."""
    from daytona_tui.domain.filtering.parser import tree_of
    from daytona_tui.domain.filtering.tree import All, Word
    from daytona_tui.domain.filters import FilterError

    try:
        tree = tree_of(word)
    except FilterError:
        return False
    terms = tree.nodes if isinstance(tree, All) else (tree,)
    texts = {term.glob[0].casefold() for term in terms if isinstance(term, Word) and len(term.glob) == 1}
    return bool(texts) and all(isinstance(term, Word) for term in terms) and texts == set(word.casefold().split())


def _plain(fleet: Sequence[Sandbox], words: Sequence[str], settings: Settings) -> Selection:
    """Return what words mean that are nothing but text: sandboxes, or what is looked for where no word names one."""
    from daytona_tui.errors import AmbiguousError, NotFoundError
    from daytona_tui.operations.find import beginning_so, choose, whole

    if not any(beginning_so(fleet, word) for word in words):
        return _by_text(fleet, words, settings)
    chosen, notes, doubts = [], [], []
    for word in words:
        try:
            sandbox = choose(list(fleet), word)
        except AmbiguousError as error:
            error.hint = f"{_NOTHING}: give more of the name, or the id; name:{word}* is a filter for all of them"
            raise
        except NotFoundError as error:
            error.hint = f"{_NOTHING}: a filter stands alone, and is no part of a list of sandboxes"
            raise
        chosen.append(sandbox)
        if whole(fleet, word) is None:
            of = "the id of " if sandbox.id.startswith(word) else ""
            note = f"{word!r} is the beginning of {of}{_called(sandbox)}"
            notes.append(note)
            doubts += [note] if _is_chance(sandbox, word) else []
    return Selection(_once(chosen), is_named=True, notes=tuple(notes), doubts=tuple(doubts))


def _is_chance(sandbox: Sandbox, word: str) -> bool:
    """Return whether ``word`` may come to mean another sandbox once the one is gone that it was said of.

    Names come in rows, api-1 to api-10, and a few characters of an id are in many.
    """
    from daytona_tui.operations.find import SURE_OF_ID

    return not (sandbox.id.startswith(word) and len(word) >= SURE_OF_ID)


def _by_text(fleet: Sequence[Sandbox], words: Sequence[str], settings: Settings) -> Selection:
    text = " ".join(words)
    note = f"no sandbox is called {text!r} or begins so: it is looked for as text"
    found = _found(fleet, words, settings)
    return Selection(found, is_named=False, notes=(note,) if found else (), doubts=(note,) if found else ())


def _found(fleet: Sequence[Sandbox], words: Sequence[str], settings: Settings) -> tuple[Sandbox, ...]:
    from daytona_tui.cli.filtering import chosen, filters_of

    return tuple(chosen(fleet, filters_of([text_of(words)]), settings))


def _once(sandboxes: Sequence[Sandbox]) -> tuple[Sandbox, ...]:
    return tuple({each.id: each for each in sandboxes}.values())


def _called(sandbox: Sandbox) -> str:
    return sandbox.id if sandbox.name == sandbox.id else f"{sandbox.name} ({sandbox.id})"


def refuse_doubts(selection: Selection) -> None:
    """Refuse to destroy sandboxes without asking that were not named surely.

    Raises:
        Refusal: some word may mean another sandbox tomorrow.
    """
    if selection.doubts:
        message = f"--yes deletes nobody by that: {selection.doubts[0]}; {_NOTHING}"
        hint = "say the whole name, the id or 8 characters of it, or a filter with a key, such as name:api*"
        raise Refusal("unclear", message, hint=hint)
