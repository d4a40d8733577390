"""The editor of lifetimes: new intervals for one sandbox or many, and what they will do and when."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static

from daytona_tui.domain.abilities import Abilities, Ability
from daytona_tui.domain.deeds import LifetimeEdit
from daytona_tui.domain.lifetimes import Timer
from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.presentation.lifetimes import (
    FIELDS,
    IntervalError,
    doomed,
    left,
    outcome,
    parse_interval,
    setting_words,
)
from daytona_tui.presentation.questions import Question
from daytona_tui.presentation.safe_text import clip, safe
from daytona_tui.presentation.tones import Cell
from daytona_tui.ui import workers
from daytona_tui.ui.leaving import is_leaving
from daytona_tui.ui.screens.confirm import ConfirmScreen
from daytona_tui.ui.widgets.tone_styles import toned

MANY = 200
"""For more sandboxes than this the sentences are written beside the keys, and not every second anew."""
_PAUSE_S = 0.2

_HINTS = {
    Timer.AUTO_STOP: "after the last activity · off",
    Timer.AUTO_PAUSE: "virtual machines only · off",
    Timer.AUTO_ARCHIVE: "after it stopped · max is 30d",
    Timer.AUTO_DELETE: "after it stopped · on stop · off",
    Timer.TTL: "from now on, in any state · none",
}


class LifetimesScreen(workers.FailureFunnel, ModalScreen[LifetimeEdit | None]):
    """Asks for intervals; the result is the edit, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel", show=False),
        Binding("up", "app.focus_previous", show=False),
        Binding("down", "app.focus_next", show=False),
        Binding("pageup", "scroll(-1)", show=False, priority=True),
        Binding("pagedown", "scroll(1)", show=False, priority=True),
    ]
    AUTO_FOCUS = "Input"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (72, "-wide")]  # noqa: RUF012 - Textual declares it
    VERTICAL_BREAKPOINTS = [(0, "-low"), (20, "-short"), (30, "-tall")]  # noqa: RUF012
    CSS_PATH = "../styles/edits.tcss"

    def __init__(
        self,
        title: str,
        sandboxes: Sequence[Sandbox],
        now: Callable[[], datetime],
        notes: Iterable[str] = (),
        *,
        lacking: Mapping[Timer, str] = MappingProxyType({}),
    ) -> None:
        """Remember whose lifetimes are edited.

        Args:
            title: plain and safe.
            sandboxes: at least one.
            now: aware time.
            notes: whom it concerns besides what can be seen; safe lines.
            lacking: what the server has not, each with the reason in words: it cannot be edited.
        """
        super().__init__()
        self._lacking = lacking
        self._title = title
        self._sandboxes = tuple(sandboxes)
        self._now = now
        self._notes = tuple(notes)
        self._shown = {timer: self._common(timer) for timer in Timer}

    def compose(self) -> ComposeResult:
        """Make the fields, the sentences and the buttons."""
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = Content(self._title).markup
            for timer in Timer:
                with Horizontal(classes="field"):
                    yield Static(Content(timer.value), classes="label")
                    yield Input(
                        self._shown[timer], placeholder=self._placeholder(timer), id=timer.name, compact=True,
                        disabled=timer in self._lacking,
                    )  # fmt: skip
                    yield Static(Content(self._hint(timer)), id=f"hint-{timer.name}", classes="quiet")
            with VerticalScroll(id="outcome", can_focus=False):
                yield Static(id="sentences")
            if self._notes:
                yield Static(Content("\n".join(self._notes)), classes="quiet note")
            with Horizontal(classes="answers"):
                yield Static("15m · 2h · 7d · 1h 30m; empty leaves it", classes="quiet", markup=False)
                yield Button("Cancel", id="cancel")
                yield Button("Apply", id="apply", disabled=True)

    def on_mount(self) -> None:
        """Say what will happen, and keep saying it right."""
        self._tell()
        if len(self._sandboxes) <= MANY:
            self.set_interval(1.0, self._tell)

    def on_key(self, event: events.Key) -> None:
        """Take what was typed before a field had the focus."""
        if self.focused is None and event.is_printable and event.character:
            event.stop()
            event.prevent_default()
            entry = self.query(Input).first()
            entry.focus()
            entry.value = event.character

    # What was typed

    def _common(self, timer: Timer) -> str:
        """What all sandboxes have now, as it can be typed; empty where they differ or nobody knows."""
        if timer is Timer.TTL:
            return "none" if all(each.lifetimes.destroy_at is None for each in self._sandboxes) else ""
        values: set[int | None] = {getattr(each.lifetimes, FIELDS[timer]) for each in self._sandboxes}
        value = values.pop()
        return "" if values or value is None else setting_words(timer, value)

    def _hint(self, timer: Timer) -> str:
        return self._lacking.get(timer, _HINTS[timer])

    def _placeholder(self, timer: Timer) -> str:
        if timer is Timer.TTL and len(self._sandboxes) == 1 and self._sandboxes[0].lifetimes.destroy_at:
            return f"ends in {left(self._sandboxes[0].lifetimes.destroy_at - self._now())}"
        if timer is not Timer.TTL and all(getattr(x.lifetimes, FIELDS[timer]) is None for x in self._sandboxes):
            return "not told"
        return "mixed: leave" if len(self._sandboxes) > 1 else "leave"

    def _read(self) -> tuple[LifetimeEdit, dict[Timer, str]]:
        """Return the edit that the fields make, and what is wrong with those that make none."""
        minutes: dict[str, int] = {}
        wrong: dict[Timer, str] = {}
        for timer in Timer:
            text = self.query_one(f"#{timer.name}", Input).value
            if text.strip() == self._shown[timer]:
                continue
            try:
                value = parse_interval(timer, text)
            except IntervalError as error:
                wrong[timer] = str(error)
            else:
                if value is not None:
                    minutes[FIELDS[timer]] = value
        return LifetimeEdit(**minutes), wrong

    @on(Input.Changed)
    def _tell(self) -> None:
        if is_leaving(self):
            return
        edit, wrong = self._read()
        for timer in Timer:
            hint = self.query_one(f"#hint-{timer.name}", Static)
            hint.set_class(timer in wrong, "bad")
            hint.update(Content(wrong.get(timer, self._hint(timer))))
        self.query_one("#apply", Button).disabled = bool(wrong) or not edit
        if len(self._sandboxes) <= MANY:
            self._say(outcome(self._sandboxes, edit, self._now()), is_edit=bool(edit))
        else:

            async def telling() -> None:
                await asyncio.sleep(_PAUSE_S)
                self._say(await asyncio.to_thread(outcome, self._sandboxes, edit, self._now()), is_edit=bool(edit))

            workers.start(self, telling, name="foresee", group=workers.DIALOG, exclusive=True)

    def _say(self, cells: Sequence[Cell], *, is_edit: bool) -> None:
        lead = Content.styled("Then: " if is_edit else "As it is: ", "$text-muted")
        lines = [toned(cell) for cell in cells]
        self.query_one("#sentences", Static).update(Content("\n").join([lead + lines[0], *lines[1:]]))

    # What is answered

    @on(Input.Submitted)
    @on(Button.Pressed, "#apply")
    def _apply(self) -> None:
        edit, wrong = self._read()
        if wrong or not edit:
            reason = f"{next(iter(wrong))}: {next(iter(wrong.values()))}" if wrong else "nothing is changed yet"
            self.app.notify(reason, title="Not applied", severity="warning", markup=False)
            return
        if len(self._sandboxes) <= MANY:
            self._close_with(edit, doomed(self._sandboxes, edit, self._now()))
        else:

            async def closing() -> None:
                self._close_with(edit, await asyncio.to_thread(doomed, self._sandboxes, edit, self._now()))

            workers.start(self, closing, name="foresee", group=workers.DIALOG, exclusive=True)

    def _close_with(self, edit: LifetimeEdit, dying: Sequence[Sandbox]) -> None:
        """Close with the edit; ask first if anything dies of it at once."""
        if not dying:
            self.dismiss(edit)
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self.dismiss(edit)

        self.app.push_screen(ConfirmScreen(_destroys(dying)), answered)

    def action_scroll(self, pages: int) -> None:
        """Show more of the sentences than there is room for."""
        told = self.query_one("#outcome", VerticalScroll)
        told.scroll_relative(y=pages * max(1, told.size.height), animate=False)

    @on(Button.Pressed, "#cancel")
    def action_cancel(self) -> None:
        """Leave everything as it is."""
        self.dismiss(None)


def lacking_timers(abilities: Abilities) -> dict[Timer, str]:
    """Return which timers the server has not, each with the reason in words."""
    needs = {Timer.TTL: Ability.TTL, Timer.AUTO_PAUSE: Ability.AUTO_PAUSE}
    return {timer: words for timer, ability in needs.items() if (words := abilities.lacks(ability))}


def _destroys(sandboxes: Sequence[Sandbox]) -> Question:
    count = len(sandboxes)
    return Question(
        title=f"This destroys {clip(safe(sandboxes[0].name), 40) if count == 1 else f'{count} sandboxes'}",
        lines=tuple(clip(safe(each.name), 60) for each in sandboxes[:100]),
        warning="The new intervals have run out already: within seconds all files are lost for good.",
        yes="Destroy" if count == 1 else f"Destroy {count}",
        cautions="Careful: a TTL would count from now.",
        typed=str(count),
    )
