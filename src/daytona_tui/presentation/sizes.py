"""Resources in words: as people type them, and what other ones would come to."""

from __future__ import annotations

from collections.abc import Sequence

from daytona_tui.domain.cost import PriceBook
from daytona_tui.domain.deeds import Verb
from daytona_tui.domain.effects import fork_effect, resize_effect
from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.domain.sizes import LARGEST, SizeEdit, size_refusal
from daytona_tui.presentation.deeds import effect_words, resources_words
from daytona_tui.presentation.questions import named
from daytona_tui.presentation.safe_text import safe
from daytona_tui.presentation.tones import Cell, Tone

_REASONS = 3


class SizeError(ValueError):
    """What was typed is no amount; the message says what would be one."""


def read_amount(text: str) -> int | None:
    """Return the number that ``text`` means, of vCPUs or GiB; None leaves it as it is.

    Raises:
        SizeError: it is none.
    """
    word = text.casefold().replace(" ", "")
    for unit in ("gib", "gb", "g", "vcpus", "vcpu"):
        word = word.removesuffix(unit)
    if not word or word == "leave":
        return None
    if not (word.isascii() and word.isdigit() and len(word) <= len(str(LARGEST)) and 1 <= int(word) <= LARGEST):
        raise SizeError(f"a whole number from 1 to {LARGEST:,}")
    return int(word)


def resize_lines(sandboxes: Sequence[Sandbox], edit: SizeEdit, book: PriceBook) -> tuple[Cell, ...]:
    """Return what other resources would come to, a sentence a line: cost first, then who does not get them and why."""
    if not edit:
        return (Cell(_as_it_is(sandboxes), Tone.STRONG),)
    able = [each for each in sandboxes if not size_refusal(edit, each)]
    lines = [Cell(_outcome(able, edit, book), Tone.STRONG)] if able else []
    return (*lines, *_left_out(sandboxes, edit))


def _as_it_is(sandboxes: Sequence[Sandbox]) -> str:
    sizes = dict.fromkeys(resources_words(each.resources) or "a size that is not told" for each in sandboxes)
    if len(sizes) == 1:
        return f"{'It has' if len(sandboxes) == 1 else 'Each has'} {next(iter(sizes))}."
    return f"They have {len(sizes)} different sizes."


def _outcome(able: Sequence[Sandbox], edit: SizeEdit, book: PriceBook) -> str:
    words = effect_words(Verb.RESIZE, resize_effect(able, edit, book)) or "costs neither more nor less while it rests"
    whom = f"{len(able):,} sandboxes" if len(able) > 1 else resources_words(edit.applied_to(able[0].resources))
    return f"{whom}: {words}."


def _left_out(sandboxes: Sequence[Sandbox], edit: SizeEdit) -> list[Cell]:
    by_reason: dict[str, list[str]] = {}
    for each in sandboxes:
        if reason := size_refusal(edit, each):
            by_reason.setdefault(reason, []).append(each.name)
    if len(sandboxes) == 1:
        lines = [f"{safe(reason)[0].upper()}{safe(reason)[1:]}." for reason in by_reason]
    else:
        lines = [f"{len(names)} left out, {safe(reason)}: {named(names)}" for reason, names in by_reason.items()]
    if len(lines) > _REASONS:
        lines[_REASONS - 1 :] = [f"others are left out for {len(lines) - _REASONS + 1} more reasons"]
    return [Cell(line, Tone.WARN) for line in lines]


def fork_words(sandboxes: Sequence[Sandbox], book: PriceBook) -> str:
    """Return what forks of ``sandboxes`` take, as a sentence."""
    words = effect_words(Verb.FORK, fork_effect(sandboxes, book)) or "what it takes is not known"
    return f"{words[0].upper()}{words[1:]}."
