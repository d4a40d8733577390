"""Words for deeds: what they are called before, while and after they are done, and what they free."""

from __future__ import annotations

from dataclasses import dataclass

from daytona_tui.domain.deeds import Verb
from daytona_tui.domain.effects import Amount, Effect
from daytona_tui.domain.sandbox import Resources
from daytona_tui.presentation.human import dollars


@dataclass(frozen=True, slots=True)
class DeedWords:
    """How a deed is called.

    Attributes:
        title: what the user asks for: ``Stop``.
        doing: while it happens: ``stopping``.
        done: when it has happened: ``stopped``.
        of: before the number of sandboxes, where ``title`` alone does not do: ``Run a command in``.
    """

    title: str
    doing: str
    done: str
    of: str = ""

    def about(self, count: int, name: str) -> str:
        """Return the deed with its object: ``Stop api-1``, ``Stop 12 sandboxes``."""
        return f"{self.of or self.title} {name if count == 1 else f'{count:,} sandboxes'}"


WORDS = {
    Verb.START: DeedWords("Start", "starting", "started"),
    Verb.STOP: DeedWords("Stop", "stopping", "stopped"),
    Verb.FORCE_STOP: DeedWords("Force stop", "stopping", "stopped"),
    Verb.PAUSE: DeedWords("Pause", "pausing", "paused"),
    Verb.ARCHIVE: DeedWords("Archive", "archiving", "archived"),
    Verb.DELETE: DeedWords("Delete", "deleting", "deleted"),
    Verb.RECOVER: DeedWords("Recover", "recovering", "recovered"),
    Verb.RESIZE: DeedWords("Resize", "resizing", "resized"),
    Verb.FORK: DeedWords("Fork", "forking", "forked"),
    Verb.LABELS: DeedWords("Label", "labelling", "labelled", "Edit labels of"),
    Verb.LIFETIMES: DeedWords("Lifetimes", "setting lifetimes", "set", "Edit lifetimes of"),
    Verb.EXECUTE: DeedWords("Run", "running", "run", "Run a command in"),
    Verb.PULL: DeedWords("Pull", "pulling", "pulled", "Pull from"),
}
"""Every verb."""


def amount_words(amount: Amount) -> str:
    """Return resources and money in words: ``14 vCPU, 28 GiB RAM, ≈ $3.10/h``; empty for nothing."""
    parts = []
    if amount.cpu:
        parts.append(f"{amount.cpu:,} vCPU")
    if amount.memory_gib:
        parts.append(f"{amount.memory_gib:,} GiB RAM")
    if amount.disk_gib:
        parts.append(f"{amount.disk_gib:,} GiB disk")
    if amount.gpu:
        parts.append(f"{amount.gpu:,} GPU")
    if amount.hourly > 0:
        parts.append(hourly_words(amount.hourly))
    return ", ".join(parts)


def resources_words(resources: Resources) -> str:
    """Return the size of a sandbox: ``2 vCPU, 4 GiB RAM, 10 GiB disk``; what the server did not tell is left out."""
    return amount_words(
        Amount(resources.cpu or 0, resources.memory_gib or 0, resources.disk_gib or 0, resources.gpu or 0)
    )


def hourly_words(hourly: float) -> str:
    """Return an estimate of money as it is shown: ``≈ $3.10/h``; what is less than a cent is said to be."""
    return f"≈ ${dollars(hourly)}/h" if hourly >= 0.005 else "< $0.01/h"


def effect_words(verb: Verb, effect: Effect) -> str:
    """Return what a deed frees and takes, as one line without a full stop; empty where it changes nothing."""
    parts = []
    if effect.frees:
        parts.append(f"frees {amount_words(effect.frees)}")
    if effect.takes:
        parts.append(f"takes {amount_words(effect.takes)}")
    if effect.keeps_gib:
        kept, title = f"{effect.keeps_gib:,} GiB", WORDS[verb].title.lower()
        if effect.frees.disk_gib:  # of those whom stopping deletes
            parts.append(f"{title} keeps the other {kept} of disk, archive does not")
        else:
            # Only virtual machines are paused, and those are never archived.
            parts.append(f"{title} frees no disk ({kept}), {'delete' if verb is Verb.PAUSE else 'archive'} does")
    if effect.unknown:
        parts.append(f"{effect.unknown:,} of unknown size or price not counted")
    return "; ".join(parts)
