"""The dialogs before a transfer: what, where to, what to leave out, and what that comes to before it runs."""

from __future__ import annotations

import posixpath
import shlex
from dataclasses import replace
from pathlib import Path

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input, Static

from daytona_tui.domain.tree import tilde
from daytona_tui.errors import DaytonaTuiError
from daytona_tui.operations.copy import default_destination
from daytona_tui.operations.transferring import Direction, Planned, TransferOrder, plan
from daytona_tui.operations.waking import waking_offer
from daytona_tui.presentation.phrases import phrase
from daytona_tui.presentation.safe_text import safe
from daytona_tui.ui import workers
from daytona_tui.ui.panes.file_dialogs import Ordered, TransferDraft
from daytona_tui.ui.screens.paths import LocalPaths
from daytona_tui.ui.screens.planning import PlanningScreen
from daytona_tui.ui.services import Services


class TransferScreen(PlanningScreen[Ordered | None]):
    """Plans while it is open; the result is the order, with its plan as far as that is known."""

    def __init__(self, services: Services, draft: TransferDraft) -> None:
        side = "from" if draft.direction is Direction.PULL else "to"
        super().__init__(services, f"{self.VERB.capitalize()} {side} {safe(draft.sandbox.name)}")
        self.draft = draft
        self.planned: Planned | None = None
        self._has_no_plan = False

    def order(self) -> TransferOrder:
        """Return what is ordered.

        Raises:
            ValueError: with what is wrong, in words.
        """
        raise NotImplementedError

    @property
    def common(self) -> dict[str, object]:
        """What every order has."""
        return {"wakes": not self.draft.sandbox.is_running, "timeout_s": self.services.settings.lifecycle_timeout_s}

    # The plan

    def plan_now(self) -> None:
        """Begin to plan what is ordered now, unless that is planned already."""
        self._has_no_plan = False
        sandbox, order = self.draft.sandbox, None
        try:
            order = self.order()
        except ValueError:
            self.planned = None
        if not sandbox.is_running:
            self.say(f"It is {safe(sandbox.state_word or sandbox.state.value)}: Enter will "
                     f"{waking_offer(sandbox, self.VERB)}.")  # fmt: skip
        elif order is None:
            self.say("")
        elif self.planned is None or not self.planned.fits(order):
            self.say("looking …")
            self.run_worker(self._plan(order), name="plan", group=workers.DIALOG, exclusive=True, exit_on_error=False)

    async def _plan(self, order: TransferOrder) -> None:
        self.planned = None
        try:
            self.planned = await plan(self.services.gateway, order)
        except DaytonaTuiError as error:
            said = phrase(error)
            self._has_no_plan = True
            self.say(" · ".join(part for part in (said.detail, said.hint) if part), is_bad=True)
        else:
            self.show_plan()

    def show_plan(self) -> None:
        """Show what it comes to."""
        if self.planned is not None:
            options = replace(self.planned.order.options, conflict=self.policy)
            self.show_summary(self.planned.answered(replace(self.planned.order, options=options)).summary)

    # The answer

    def action_submit(self) -> None:
        """Close with the order, or say what is wrong with it."""
        try:
            order = self.order()
        except ValueError as error:
            self.tell(str(error))
            return
        if self._has_no_plan:
            self.plan_now()  # it may be different by now
            return
        planned = self.planned if self.planned is not None and self.planned.fits(order) else None
        if planned is not None:
            summary = planned.answered(order).summary
            if not self.has_answer(summary):
                return
            order = replace(order, confirmed=bool(summary.questions))
        self.dismiss(Ordered(order, planned))


class PullScreen(TransferScreen):
    """Asks where a pull goes to, and what is pulled where that is not said yet."""

    AUTO_FOCUS = "#destination"
    VERB = "pull"

    def __init__(self, services: Services, draft: TransferDraft) -> None:
        super().__init__(services, draft)
        self._proposed = draft.destination
        self._source = draft.sources[0] if draft.sources else ""

    def fields(self) -> ComposeResult:
        """Make the entries."""
        draft = self.draft
        if draft.asks_source:
            label = "File or directory in it (empty: the working directory):"
            yield Static(label, classes="label -first", markup=False)
            yield Input(self._source, id="path", compact=True)
        else:
            yield Static(draft.kind, classes="label -first", markup=False)
            one = safe(tilde(draft.sources[0], draft.home)) if len(draft.sources) == 1 else ""
            yield Static(Content(one or _several(draft.sources)))
        yield Static("To, on this machine:", classes="label", markup=False)
        yield Input(self._shown, id="destination", compact=True, suggester=LocalPaths())

    def on_mount(self) -> None:
        """Begin at what is asked for first."""
        super().on_mount()
        if self.draft.asks_source:
            self.query_one("#path").focus()

    @property
    def _shown(self) -> str:
        path = self._proposed
        return safe(path if path.startswith(("/", "./", "~")) else f"./{path}")

    @on(Input.Changed, "#path")
    def _propose(self) -> None:
        """Let the proposed place follow what is pulled, until another one is typed."""
        entry, typed = self.query_one("#destination", Input), self.text("path")
        if typed != self._source and entry.value == self._shown:
            self._source = typed
            path, base = posixpath.join("/", typed), self.services.settings.pull_dir
            self._proposed = str(default_destination(self.draft.sandbox, path, "/", Path(base)))
            entry.value = self._shown

    def order(self) -> TransferOrder:
        """Return what is ordered."""
        text = self.text("destination")
        if not text:
            raise ValueError("type where to copy to")
        # An untouched entry stands for the path itself: what it shows of it may be cut or marked.
        destination = self._proposed if text == self._shown else text
        sources = (self.text("path"),) if self.draft.asks_source else self.draft.sources
        order = TransferOrder(Direction.PULL, self.draft.sandbox, sources, destination, self.options)
        return replace(order, **self.common)  # type: ignore[arg-type]


class PushScreen(TransferScreen):
    """Asks what is pushed, and where to in the sandbox."""

    AUTO_FOCUS = "#sources"
    VERB = "push"

    def fields(self) -> ComposeResult:
        """Make the entries."""
        yield Static("What, on this machine (directory/ means what is in it):",
                     classes="label -first", markup=False)  # fmt: skip
        yield Input(safe(shlex.join(self.draft.sources)), id="sources", compact=True, suggester=LocalPaths())
        yield Static("To, in the sandbox (/ at the end: into it):", classes="label", markup=False)
        yield Input(safe(self.draft.destination), id="destination", compact=True)

    def order(self) -> TransferOrder:
        """Return what is ordered."""
        typed = self.text("sources")
        try:
            # An untouched entry stands for the paths themselves: what it shows of them may be marks.
            is_untouched = typed == safe(shlex.join(self.draft.sources))
            sources = self.draft.sources if is_untouched else tuple(shlex.split(typed))
        except ValueError:
            raise ValueError("a quotation mark has no partner") from None
        if not sources:
            raise ValueError("type what to copy: a path, or several")
        text = self.text("destination")
        destination = self.draft.destination if text == safe(self.draft.destination) else text
        order = TransferOrder(Direction.PUSH, self.draft.sandbox, sources, destination, self.options)
        return replace(order, **self.common)  # type: ignore[arg-type]


def _several(paths: tuple[str, ...]) -> str:
    names = [safe(path.rstrip("/").rsplit("/", 1)[-1]) for path in paths]
    more = f" and {len(names) - 4:,} more" if len(names) > 4 else ""
    return ", ".join(names[:4]) + more
