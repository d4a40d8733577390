"""The dialogs before a transfer: what, where to, what to leave out, and what that comes to before it runs."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.timer import Timer
from textual.widgets import Checkbox, Input, RadioSet, Static

from daytona_tui.domain.transfers import ConflictPolicy, TransferOptions
from daytona_tui.errors import DaytonaTuiError
from daytona_tui.operations.transferring import Direction, Planned, TransferOrder, plan
from daytona_tui.operations.waking import waking_offer
from daytona_tui.presentation.phrases import phrase
from daytona_tui.presentation.safe_text import safe
from daytona_tui.presentation.transfers import plan_lines
from daytona_tui.ui import workers
from daytona_tui.ui.leaving import is_leaving
from daytona_tui.ui.panes.file_dialogs import Ordered, TransferDraft
from daytona_tui.ui.screens.paths import LocalPaths
from daytona_tui.ui.screens.pull import PolicyButton, PolicySet
from daytona_tui.ui.services import Services

POLICIES = {
    ConflictPolicy.FAIL: "ask",
    ConflictPolicy.OVERWRITE: "overwrite",
    ConflictPolicy.SKIP: "keep it",
    ConflictPolicy.NEWER: "newer",
    ConflictPolicy.RENAME: "keep both",
}
PAUSE_S = 0.25
"""Seconds without a key after which it is planned what was typed."""


class Tick(Checkbox):
    """A box to tick, whose mark tells without a colour."""

    BUTTON_LEFT = "["
    BUTTON_INNER = " "
    BUTTON_RIGHT = "]"

    def on_mount(self) -> None:
        """Mark it, where it is ticked already."""
        self.BUTTON_INNER = "✓" if self.value else " "

    def watch_value(self) -> None:
        """Change the mark."""
        self.BUTTON_INNER = "✓" if self.value else " "
        super().watch_value()


class TransferScreen(workers.FailureFunnel, ModalScreen[Ordered | None]):
    """Plans while it is open; the result is the order, with its plan as far as that is known."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel", show=False),
        Binding("enter", "submit", show=False, priority=True),  # whatever has the focus: a box would be ticked by it
    ]
    CSS_PATH = "../styles/transfer.tcss"
    VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-tall")]  # noqa: RUF012 - Textual declares it
    VERB: ClassVar[str] = ""

    def __init__(self, services: Services, draft: TransferDraft) -> None:
        super().__init__()
        self.draft = draft
        self.planned: Planned | None = None
        self._services = services
        self._timer: Timer | None = None
        self._has_no_plan = False

    # What subclasses say

    def fields(self) -> ComposeResult:
        """Make the entries for what and where to."""
        yield from ()

    def order(self) -> TransferOrder:
        """Return what is ordered.

        Raises:
            ValueError: with what is wrong, in words.
        """
        raise NotImplementedError

    # The dialog

    def compose(self) -> ComposeResult:
        """Make the dialog."""
        with Vertical(classes="dialog"):
            yield from self.fields()
            yield Static("Where a file is there already and differs:", classes="label", markup=False)
            with PolicySet(id="conflict", compact=True):
                for policy, words in POLICIES.items():
                    yield PolicyButton(words, value=policy is ConflictPolicy.FAIL, name=policy.value, compact=True)
            with Horizontal(id="leaving-out"):
                yield Static("Leave out:", classes="inline", markup=False)
                yield Tick("caches, node_modules", True, id="usual", compact=True)
                yield Tick("what .gitignore names", id="gitignore", compact=True)
            yield Input(id="ignore", placeholder="more to leave out: *.log build/", compact=True)
            yield Static("", id="plan")
            yield Static("", id="mistake", classes="bad")
            yield Static(
                f"Enter {self.VERB}{'es' if self.VERB.endswith('sh') else 's'} · Tab goes on · Esc cancels",
                classes="quiet",
                markup=False,
            )

    def on_mount(self) -> None:
        """Say whom it is about, and begin to plan."""
        side = "from" if self.draft.direction is Direction.PULL else "to"
        title = f"{self.VERB.capitalize()} {side} {safe(self.draft.sandbox.name)}"
        self.query_one(".dialog").border_title = Content(title).markup
        self._plan_soon(0.01)

    def on_key(self, event: events.Key) -> None:
        """Take what was typed before an entry had the focus."""
        if self.focused is None and event.is_printable and event.character:
            event.stop()
            event.prevent_default()
            entry = self.query(Input).first()
            entry.focus()
            entry.insert_text_at_cursor(event.character)

    def text(self, entry: str) -> str:
        """Return what stands in an entry."""
        return self.query_one(f"#{entry}", Input).value.strip()

    @property
    def policy(self) -> ConflictPolicy:
        """The answer that is chosen to what exists already."""
        return self.query_one("#conflict", PolicySet).policy

    @property
    def options(self) -> TransferOptions:
        """How it is to be copied."""
        return TransferOptions(
            conflict=self.policy,
            ignore=tuple(re.split(r"[,\s]+", self.text("ignore"))) if self.text("ignore") else (),
            ignore_usual=self.query_one("#usual", Checkbox).value,
            gitignore=self.query_one("#gitignore", Checkbox).value,
        )

    @property
    def common(self) -> dict[str, object]:
        """What every order has."""
        return {"wakes": not self.draft.sandbox.is_running, "timeout_s": self._services.settings.lifecycle_timeout_s}

    # The plan

    @on(Input.Changed)
    @on(Checkbox.Changed)
    def _changed(self) -> None:
        self._tell("")
        self._plan_soon(PAUSE_S)

    @on(RadioSet.Changed)
    def _answered(self) -> None:
        self._tell("")
        self._show_plan()

    def _plan_soon(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(seconds, self._plan_now)

    def _plan_now(self) -> None:
        if is_leaving(self):
            return
        self._has_no_plan = False
        sandbox = self.draft.sandbox
        try:
            order = self.order()
        except ValueError:
            self.planned = None
            order = None
        if not sandbox.is_running:
            self._say(f"It is {safe(sandbox.state_word or sandbox.state.value)}: Enter will "
                      f"{waking_offer(sandbox, self.VERB)}.")  # fmt: skip
        elif order is None:
            self._say("")
        elif self.planned is None or not self.planned.fits(order):
            self._say("looking …")
            self.run_worker(self._plan(order), name="plan", group=workers.DIALOG, exclusive=True, exit_on_error=False)

    async def _plan(self, order: TransferOrder) -> None:
        self.planned = None
        try:
            self.planned = await plan(self._services.gateway, order)
        except DaytonaTuiError as error:
            said = phrase(error)
            self._has_no_plan = True
            self._say(" · ".join(part for part in (said.detail, said.hint) if part), is_bad=True)
        else:
            self._show_plan()

    def _show_plan(self) -> None:
        if is_leaving(self) or self.planned is None:
            return
        policy = self.policy
        answered = self.planned.answered(replace(self.planned.order, options=replace(self.options, conflict=policy)))
        lines = plan_lines(answered.summary, policy)
        text = Content("\n").join(
            Content(line).stylize("$warning") if warns else Content(line) for line, warns in lines
        )
        self.query_one("#plan", Static).update(text)

    def _say(self, text: str, *, is_bad: bool = False) -> None:
        if not is_leaving(self):
            self.query_one("#plan", Static).update(Content(text).stylize("$error" if is_bad else "$text-muted"))

    def _tell(self, mistake: str) -> None:
        self.query_one("#mistake", Static).update(Content(mistake))

    # The answer

    def action_submit(self) -> None:
        """Close with the order, or say what is wrong with it."""
        try:
            order = self.order()
        except ValueError as error:
            self._tell(str(error))
            return
        if self._has_no_plan:
            self._plan_now()  # it may be different by now
            return
        planned = self.planned if self.planned is not None and self.planned.fits(order) else None
        if planned is not None:
            summary = planned.answered(order).summary
            if summary.conflicts and order.options.conflict is ConflictPolicy.FAIL:
                self._tell("choose what happens to what is there already")
                self.query_one("#conflict").focus()
                return
            order = replace(order, confirmed=bool(summary.questions))
        self.dismiss(Ordered(order, planned))

    def action_cancel(self) -> None:
        """Close without an order."""
        self.dismiss(None)


class PullScreen(TransferScreen):
    """Asks where a pull goes to."""

    AUTO_FOCUS = "#destination"
    VERB = "pull"

    def fields(self) -> ComposeResult:
        """Make the entries."""
        draft = self.draft
        if not draft.sandbox.is_running:
            yield Static(
                "File or directory in it (empty: the working directory):", classes="label -first", markup=False
            )
            yield Input(draft.sources[0] if draft.sources else "", id="path", compact=True)
        else:
            yield Static(draft.kind, classes="label -first", markup=False)
            yield Static(Content(safe(draft.sources[0]) if len(draft.sources) == 1 else _several(draft.sources)))
        yield Static("To, on this machine:", classes="label", markup=False)
        yield Input(self._shown, id="destination", compact=True, suggester=LocalPaths())

    @property
    def _shown(self) -> str:
        path = self.draft.destination
        return safe(path if path.startswith(("/", "./", "~")) else f"./{path}")

    def order(self) -> TransferOrder:
        """Return what is ordered."""
        text = self.text("destination")
        if not text:
            raise ValueError("type where to copy to")
        # An untouched entry stands for the path itself: what it shows of it may be cut or marked.
        destination = self.draft.destination if text == self._shown else text
        sources = self.draft.sources if self.draft.sandbox.is_running else (self.text("path"),)
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
        yield Input(shlex.join(self.draft.sources), id="sources", compact=True, suggester=LocalPaths())
        yield Static("To, in the sandbox (/ at the end: into it):", classes="label", markup=False)
        yield Input(safe(self.draft.destination), id="destination", compact=True)

    def order(self) -> TransferOrder:
        """Return what is ordered."""
        try:
            sources = tuple(shlex.split(self.text("sources")))
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
