"""What is asked before a deed: which sandboxes, what it frees, what is lost, who is left out, what has to be typed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from daytona_tui.domain.cautions import MANY, cautions
from daytona_tui.domain.deeds import Verb
from daytona_tui.domain.owners import owner_of
from daytona_tui.domain.sandbox import Sandbox, SandboxId
from daytona_tui.presentation.cells import SHORT_ID, short_id, state_word
from daytona_tui.presentation.deeds import WORDS
from daytona_tui.presentation.human import age
from daytona_tui.presentation.safe_text import cell_width, clip, clip_name, safe

NAMED = 100
"""Sandboxes that are named one by one; of more, the number is told."""

LISTED = 4
"""Names within a sentence."""

REASONS = 3
"""Lines about who is left out."""

_NAME_CELLS = 28
_REASON_CELLS = 80
_DIALOGUES = frozenset({Verb.EXECUTE, Verb.PULL, Verb.LABELS, Verb.LIFETIMES, Verb.RESIZE, Verb.FORK})
"""Verbs before which a dialog has told whom they are about."""


@dataclass(frozen=True)
class Question:
    """A question that can be answered with yes or no.

    Attributes:
        title: the deed and its object.
        lines: the objects, one safe line each.
        warning: what cannot be undone, or how it is.
        yes: the button that does it.
        cautions: what speaks against it.
        typed: what has to be typed before that button works; empty: nothing.
        effect: what it frees and takes; empty where that is nothing.
        notes: who of the marked is hidden, one safe line each.
        left_out: who of them is left out and why, one safe line for each of the commonest reasons.
        is_danger: something is lost by it.
    """

    title: str
    lines: tuple[str, ...]
    warning: str
    yes: str
    cautions: str = ""
    typed: str = ""
    effect: str = ""
    notes: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    is_danger: bool = True


@dataclass(frozen=True)
class Request:
    """What the user asked for, before it is known whether it has to be asked back.

    Attributes:
        verb: the deed.
        able: the sandboxes it is possible for.
        skipped: those that are left out, each with the reason in words.
        hidden: marked sandboxes that the filter hides.
        effect: what it frees and takes, in words.
        command: the command that is to be run: hostile text.
        kept: why some of them are to be kept, in words: hostile text.
        running: what goes on in the one that was looked into, in words: safe for a terminal.
        undo_key: the key that takes it back, as a person would write it; empty: none does.
    """

    verb: Verb
    able: tuple[Sandbox, ...]
    skipped: tuple[tuple[Sandbox, str], ...] = ()
    hidden: Collection[SandboxId] = frozenset()
    effect: str = ""
    command: str = ""
    kept: Mapping[SandboxId, str] = field(default_factory=dict)
    running: tuple[str, ...] = ()
    undo_key: str = ""

    @property
    def doomed(self) -> tuple[Sandbox, ...]:
        """Those of which nothing is left afterwards."""
        if self.verb is Verb.DELETE:
            return self.able
        is_stop = self.verb in (Verb.STOP, Verb.FORCE_STOP)
        return tuple(sandbox for sandbox in self.able if is_stop and is_deleted_by_stopping(sandbox))

    @property
    def is_danger(self) -> bool:
        """True when something is lost by it that nothing brings back."""
        return bool(self.doomed) or self.verb in (Verb.FORCE_STOP, Verb.EXECUTE)

    @property
    def hidden_notes(self) -> tuple[str, ...]:
        """Which of the sandboxes the filter hides, in words; empty when it hides none."""
        names = [_called(sandbox) for sandbox in self.able if sandbox.id in self.hidden]
        if not names:
            return ()
        who = "it is" if len(self.able) == 1 else f"{len(names)} of them {'is' if len(names) == 1 else 'are'}"
        return (f"{who[0].upper()}{who[1:]} hidden by the filter: {named(names)}",)

    @property
    def skipped_notes(self) -> tuple[str, ...]:
        """Who is left out and why, a line for each reason."""
        return _by_reason(self.skipped, "left out")

    @property
    def notes(self) -> tuple[str, ...]:
        """Who is hidden, and who is left out."""
        return self.hidden_notes + self.skipped_notes


def needs_question(request: Request) -> bool:
    """True when a deed is not begun before somebody said yes.

    Asked is what loses something, what is done to many, and what is done to somebody who cannot be seen now.
    """
    if request.verb in _DIALOGUES:
        return request.verb is Verb.EXECUTE and len(request.able) > MANY
    return request.is_danger or len(request.able) > MANY or bool(request.hidden_notes)


def question(request: Request, now: datetime, me: frozenset[str] = frozenset()) -> Question:
    """Return the question before a deed; ``request`` has one able sandbox at least."""
    words, able = WORDS[request.verb], request.able
    is_one = len(able) == 1
    doubts = (*cautions(able, now, me), *_keeping(request)) if request.is_danger else ()
    shown = request.doomed if request.doomed else able
    lines = [_line(sandbox, now, is_kept=sandbox.id in request.kept and not is_one) for sandbox in shown[:NAMED]]
    if len(shown) > NAMED:
        lines.append(f"… and {len(shown) - NAMED} more")
    yes = "Stop and delete" if request.doomed and request.verb is not Verb.DELETE else words.title
    return Question(
        title=f"{about(request)}?",
        lines=tuple(lines),
        warning=_loss(request),
        yes=yes if is_one or yes == "Stop and delete" else f"{yes} {len(able)}",
        cautions="Careful: " + ", ".join((*doubts, *request.running)) + "." if doubts or request.running else "",
        typed=(_to_type(able[0]) if is_one else str(len(able))) if doubts else "",
        effect=_sentence(request.effect),
        notes=request.hidden_notes,
        left_out=request.skipped_notes,
        is_danger=request.is_danger,
    )


def _keeping(request: Request) -> tuple[str, ...]:
    """Return what wants some of those kept of which nothing would be left."""
    reasons = [clip(safe(request.kept[each.id]), _REASON_CELLS) for each in request.doomed if request.kept.get(each.id)]
    if not reasons:
        return ()
    if len(request.able) == 1:
        return (f"it is to be kept ({reasons[0]})",)
    listed = "; ".join(dict.fromkeys(reasons[:REASONS]))
    return (f"{len(reasons)} {'is' if len(reasons) == 1 else 'are'} to be kept ({listed})",)


def undo_question(
    title: str, rows: Sequence[tuple[Sandbox, Verb, str]], cannot: Sequence[tuple[Sandbox, str]], effect: str = ""
) -> Question:
    """Return the question before something is taken back.

    Args:
        title: what was done.
        rows: whom it is taken back for, how, and what that destroys; one at least.
        cannot: whom nothing takes it back for, each with the reason.
        effect: what taking it back frees and takes.
    """
    losses = [f"{safe(sandbox.name)}: {loss}" for sandbox, _verb, loss in rows if loss]
    return Question(
        title=f"Undo “{title}”?",
        lines=tuple(
            f"{_in_column(_called(sandbox))}  {WORDS[verb].title.lower()}" for sandbox, verb, _loss in rows[:NAMED]
        )
        + ((f"… and {len(rows) - NAMED} more",) if len(rows) > NAMED else ()),
        warning="Who has changed since is left alone.",
        yes="Undo",
        cautions=f"Careful: {'; '.join(losses[:LISTED])}." if losses else "",
        effect=_sentence(effect),
        left_out=_by_reason(cannot, "cannot be taken back"),
        is_danger=bool(losses),
    )


def about(request: Request) -> str:
    """Return the deed with its object: ``Stop 12 sandboxes``, ``Run “pytest -q” in api-1``."""
    words, count, name = WORDS[request.verb], len(request.able), clip(safe(request.able[0].name), 40)
    if not request.command:
        return words.about(count, name)
    return f"Run “{clip(safe(request.command), 30)}” in {name if count == 1 else f'{count:,} sandboxes'}"


def named(names: Sequence[str]) -> str:
    """Return some names in a sentence, and how many more there are; safe for a terminal."""
    listed = ", ".join(clip(safe(name), _NAME_CELLS) for name in names[:LISTED])
    more = len(names) - LISTED
    return listed if more <= 0 else f"{listed} and {more} more"


def is_deleted_by_stopping(sandbox: Sandbox) -> bool:
    """True when nothing is left of the sandbox once it stops."""
    return sandbox.is_running and sandbox.lifetimes.auto_delete_min == 0


def _by_reason(left: Sequence[tuple[Sandbox, str]], what: str) -> tuple[str, ...]:
    by_reason: dict[str, list[str]] = {}
    for sandbox, reason in left:
        by_reason.setdefault(reason, []).append(_called(sandbox))
    most_first = sorted(by_reason.items(), key=lambda item: -len(item[1]))
    lines = [f"{len(names)} {what}, {safe(reason)}: {named(names)}" for reason, names in most_first]
    if len(lines) > REASONS:
        more = sum(len(names) for _reason, names in most_first[REASONS - 1 :])
        lines[REASONS - 1 :] = [f"{more} more {what} for other reasons"]
    return tuple(lines)


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}." if words else ""


def _to_type(sandbox: Sandbox) -> str:
    """Return what tells one sandbox well enough and can be typed."""
    # Nobody named it: what the list shows of its id does.
    name = sandbox.id[:SHORT_ID] if sandbox.name == sandbox.id else sandbox.name
    # A name that cannot be typed as it is shown would lock the door: then the number does.
    return name if name and safe(name) == name.strip() else "1"


def _loss(request: Request) -> str:
    """Return what cannot be undone, or how the deed is."""
    is_one = len(request.able) == 1
    it, owner = ("it", "Its") if is_one else ("them", "Their")
    if request.verb is Verb.DELETE:
        what = "files and running programs" if any(each.is_running for each in request.able) else "files"
        return f"{owner} {what} are lost for good."
    if request.doomed:
        return _stop_loss(len(request.doomed), len(request.able))

    def undo(does: str) -> str:
        return f"; {request.undo_key} {does}." if request.undo_key else "."

    return {
        Verb.START: f"{owner} programs do not come back by themselves{undo(f'stops {it} again')}",
        Verb.STOP: f"{owner} running programs end, {owner.lower()} files stay{undo(f'starts {it} again')}",
        Verb.FORCE_STOP: f"{owner} programs are killed: what they have not written yet is lost.",
        Verb.PAUSE: f"{owner} memory is kept{undo(f'lets {it} go on')}",
        Verb.ARCHIVE: f"What runs is stopped first. {owner} files are kept; starting {it} again takes longer.",
        Verb.EXECUTE: "What the command does there cannot be undone from here.",
    }.get(request.verb, "")


def _stop_loss(doomed: int, asked: int) -> str:
    which = "it" if asked == 1 else f"{doomed} of them" if doomed < asked else "all of them"
    owner = "its" if doomed == 1 else "their"
    return f"Stopping deletes {which}, with {owner} files: {owner} auto-delete is 0."


def _line(sandbox: Sandbox, now: datetime, *, is_kept: bool = False) -> str:
    owner = owner_of(sandbox)
    made = age((now - sandbox.created_at).total_seconds()) if sandbox.created_at else "—"
    parts = [state_word(sandbox), safe(owner.name) or "no owner known", f"{made} old"]
    if is_kept:
        parts.append("to be kept")
    return f"{_in_column(_called(sandbox))}  {' · '.join(parts)}"


def _called(sandbox: Sandbox) -> str:
    """Return the name; of an id, which nobody chose as a name, only the beginning, as in the list."""
    return short_id(sandbox) or sandbox.name


def _in_column(name: str) -> str:
    name = clip_name(safe(name), _NAME_CELLS)
    return name + " " * (_NAME_CELLS - cell_width(name))
