"""Holding sandboxes: what is held nobody sweeps, on this machine or for everybody."""

from __future__ import annotations

import asyncio
import getpass
from functools import partial

from daytona_tui.domain.ports import SandboxChanged
from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.errors import DaytonaTuiError
from daytona_tui.operations.journal import Entry
from daytona_tui.operations.protection import is_kept_by_label, share_hold, unshare_hold
from daytona_tui.presentation.phrases import phrase
from daytona_tui.presentation.questions import named
from daytona_tui.presentation.safe_text import clip, safe
from daytona_tui.ui import workers
from daytona_tui.ui.commands.base import Command
from daytona_tui.ui.commands.leaks import HOLD
from daytona_tui.ui.leaving import is_leaving
from daytona_tui.ui.panes.fleet_acts import FleetActs
from daytona_tui.ui.panes.fleet_leaks import FleetLeaks
from daytona_tui.ui.panes.holds import Held, Hold, Way

_AT_ONCE = 8
_TOLD = 3
"""Failures that are told one by one."""


class FleetHold(FleetLeaks, FleetActs):
    """Asks how to hold, and does it."""

    def on_mount(self) -> None:
        """Read who is held, once the first frame is there."""
        load = partial(workers.start, self, self.leaks.load_pins, name="read pins", group=workers.LEAKS)
        self.call_after_refresh(load)

    def refusal(self, command: Command) -> str:
        """Return why ``command`` is not possible now."""
        if command != HOLD:
            return super().refusal(command)
        return "" if self.targets else self.nobody

    def title_of(self, command: Command) -> str:
        """Return the title, with the number of marked sandboxes."""
        many = len(self.chosen) if command == HOLD else 0
        return f"{command.title} {many:,}" if many else super().title_of(command)

    def why_kept(self, sandbox: Sandbox) -> str:
        """Return why a sandbox is to be kept, in words: hostile text. Where nobody can tell, that is why."""
        trouble = [self.leaks.trouble] if self.leaks.trouble else []
        return " and ".join([*trouble, *(guard.sentence for guard in self.leaks.keepers(sandbox))])

    def do_hold(self) -> None:
        """Ask how to hold the marked sandboxes or the one under the cursor, or whether to let go."""
        targets = self.targets
        name = clip(safe(targets[0].name), 40) if len(targets) == 1 else f"{len(targets):,} sandboxes"
        pinned = sum(self.leaks.is_held(each.id) for each in targets)
        shared = sum(map(is_kept_by_label, targets))
        held = Held(f"Hold {name}", len(targets), pinned, shared, self.services.read_only)
        self.dialogs.ask_hold(held, lambda hold: self.hold(targets, hold))

    def hold(self, sandboxes: tuple[Sandbox, ...], hold: Hold) -> None:
        """Hold sandboxes, or let them go, in the background."""
        if is_leaving(self):
            return
        self.run_worker(
            self._hold(sandboxes, hold), name="hold sandboxes", group=workers.LIFECYCLE, exit_on_error=False
        )

    async def _hold(self, sandboxes: tuple[Sandbox, ...], hold: Hold) -> None:
        change = self._pin if hold.way in (Way.PIN, Way.UNPIN) else self._share
        turns, failures = asyncio.Semaphore(_AT_ONCE), list[tuple[Sandbox, DaytonaTuiError]]()

        async def one(sandbox: Sandbox) -> None:
            async with turns:
                try:
                    await change(sandbox, hold)
                except DaytonaTuiError as error:
                    failures.append((sandbox, error))

        async with asyncio.TaskGroup() as group:
            for sandbox in sandboxes:
                group.create_task(one(sandbox))
        self._tell_of_hold(sandboxes, hold, failures)
        self.view_changed()

    async def _pin(self, sandbox: Sandbox, hold: Hold) -> None:
        pins = self.services.pins
        self.leaks.hold(await (pins.hold(sandbox) if hold.way is Way.PIN else pins.release(sandbox.id)))

    async def _share(self, sandbox: Sandbox, hold: Hold) -> None:
        gateway, outcome, detail = self.services.gateway, "failed", ""
        try:
            if hold.way is Way.SHARE:
                after = await share_hold(gateway, sandbox, by=getpass.getuser(), until=hold.until)
            else:
                after = await unshare_hold(gateway, sandbox)
            self.store.apply_event(SandboxChanged(after))
            outcome = "done"
        except DaytonaTuiError as error:
            detail = error.message
            raise
        finally:
            verb = "hold" if hold.way is Way.SHARE else "let go"
            until = {"until": hold.until.isoformat()} if hold.until else {}
            entry = Entry(self.services.now(), verb, sandbox.id, sandbox.name, until, outcome, detail)
            self.deeds.journal.keep_now(entry)

    def _tell_of_hold(
        self, sandboxes: tuple[Sandbox, ...], hold: Hold, failures: list[tuple[Sandbox, DaytonaTuiError]]
    ) -> None:
        failed = {sandbox.id for sandbox, _error in failures}
        held = [sandbox.name for sandbox in sandboxes if sandbox.id not in failed]
        for sandbox, error in failures[:_TOLD]:
            said = phrase(error)
            text = "\n".join(filter(None, (said.detail, said.hint)))
            self.app.notify(text, title=f"Not changed: {safe(sandbox.name)}", severity="error", markup=False)
        if held:
            words = {
                Way.PIN: "Held on this machine",
                Way.SHARE: f"Held for everybody{f' until {hold.until}' if hold.until else ''}",
                Way.UNPIN: "Held no longer on this machine",
                Way.UNSHARE: "Held no longer for everybody",
            }
            self.app.notify(named(held), title=words[hold.way], markup=False, timeout=4)
