"""What the dialogs of resizing and forking are opened with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from daytona_tui.domain.cost import PriceBook
from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.domain.sizes import SizeEdit

_NOTHING = SizeEdit()


@dataclass(frozen=True, slots=True)
class SizeDraft:
    """A resize that could be.

    Attributes:
        title: plain and safe.
        sandboxes: whose; at least one.
        prices: what resources cost.
        notes: whom it concerns besides what can be seen, and why the last try was in vain; safe lines.
        tried: what was asked for in vain before: the dialog opens with it.
    """

    title: str
    sandboxes: tuple[Sandbox, ...]
    prices: PriceBook
    notes: tuple[str, ...] = ()
    tried: SizeEdit = _NOTHING


@dataclass(frozen=True, slots=True)
class ForkDraft:
    """Forks that could be.

    Attributes:
        title: plain and safe.
        is_one: there is one to be forked, so that it can be given a name; those of several are made.
        name: what is proposed.
        takes: what they need and cost, as a sentence.
        check: returns why a name cannot be taken, in words; empty when it can.
        notes: as of ``SizeDraft``.
    """

    title: str
    is_one: bool
    name: str
    takes: str
    check: Callable[[str], str]
    notes: tuple[str, ...] = ()
