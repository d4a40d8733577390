"""Making sandboxes: the order is asked for, the new row is selected, and what was typed comes back after a failure."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping

from daytona_tui.domain.abilities import Ability
from daytona_tui.domain.creation import CreateEvent, CreateOrder, LeftBehind, StageBegun
from daytona_tui.domain.creation_like import like
from daytona_tui.domain.sandbox import Sandbox, SandboxId
from daytona_tui.domain.usage import Quotas
from daytona_tui.errors import DaytonaTuiError
from daytona_tui.operations.create import create
from daytona_tui.operations.create_order import prepared
from daytona_tui.operations.journal import Entry
from daytona_tui.presentation.creation import command_line, order_of, values_of
from daytona_tui.presentation.creation_form import LACKING, Around, create_form
from daytona_tui.presentation.forms import Form, Value, Values
from daytona_tui.presentation.safe_text import clip, safe
from daytona_tui.ui import workers
from daytona_tui.ui.commands.base import Command
from daytona_tui.ui.commands.making import NEW, NEW_LIKE
from daytona_tui.ui.leaving import is_leaving
from daytona_tui.ui.panes.create_task import CreateTask
from daytona_tui.ui.panes.fleet_acts import FleetActs
from daytona_tui.ui.panes.form_dialogs import FormDraft
from daytona_tui.ui.services import Services

_SHOWN_S = 10
_NAMED_LINE = 600


class FleetCreate(FleetActs):
    """Creates sandboxes."""

    def __init__(self, services: Services, *, id: str) -> None:
        super().__init__(services, id=id)
        self._tried: tuple[Values, str] | None = None
        """What was ordered last in vain, and why."""
        self.known_quotas: Callable[[], Quotas | None] = lambda: None
        """What the organisation may use, as far as that is known; the screen sets it."""

    def refusal(self, command: Command) -> str:
        """Return why ``command`` is not possible now."""
        if command in (NEW, NEW_LIKE) and self.services.read_only:
            return self.services.read_only
        if command == NEW_LIKE and self.current is None:
            return self.nobody
        return super().refusal(command)

    def do_new(self) -> None:
        """Ask what to create; after a failure the form has what was tried."""
        values, trouble = self._tried or ({}, "")
        self._ask_order(self._order_form(values, trouble=trouble))

    def do_new_like(self) -> None:
        """Ask for another like the one under the cursor."""
        sandbox = self.current
        if sandbox is None:
            return
        form = self._order_form(_like({}, sandbox)[0], title=f"New sandbox like {clip(safe(sandbox.name), 40)}")
        self._ask_order(form, sandbox)

    def new_from(self, snapshot: str) -> None:
        """Ask what to create from a snapshot."""
        self._ask_order(self._order_form({"snapshot": snapshot}))

    # What is asked

    def _order_form(self, values: Values, *, title: str = "New sandbox", trouble: str = "") -> Form:
        abilities = self.services.abilities
        lacking = {key: words for key, name in LACKING.items() if (words := abilities.lacks(Ability[name]))}
        around = Around(lacking, os.environ, self.known_quotas, self.services.prices)
        return create_form(values, around, title=title, trouble=trouble)

    def _ask_order(self, form: Form, sandbox: Sandbox | None = None) -> None:
        ready: dict[str, Value] = {}

        async def verify(values: Values) -> Mapping[str, str]:
            told, mistakes = await prepared(values, os.environ)
            ready.clear()
            ready.update(told)
            return mistakes

        def then(values: Values) -> None:
            self.create(values, order_of(ready))

        async def complete() -> tuple[Values, tuple[str, ...]] | None:
            if sandbox is None:
                return None
            return _like(await self.services.gateway.record(sandbox.id), sandbox)

        self.dialogs.ask_form(FormDraft(form, verify, complete, self._proposals), then)

    async def _proposals(self) -> Mapping[str, tuple[str, ...]]:
        """Return words for fields: what the fleet knows, and what the server has, as far as it tells."""
        fleet, gateway = self.store.fleet, self.services.gateway
        seen = sorted({each.snapshot for each in fleet if each.snapshot})
        found = {"snapshot": tuple(seen), "target": tuple(sorted({each.region for each in fleet if each.region}))}

        async def ask(key: str) -> tuple[str, ...]:
            try:
                if key == "snapshot":
                    return tuple(dict.fromkeys([*(each.name for each in await gateway.snapshots()), *seen]))
                if key == "target":
                    return tuple(each.id for each in await gateway.regions())
                if key == "volume":
                    return tuple(f"{each.name}:/" for each in await gateway.volumes())
                names = [each.name for each in await gateway.secrets()]
                return tuple(f"{name.upper().replace('-', '_')}={name}" for name in names)
            except DaytonaTuiError:
                return found.get(key, ())

        keys = ("snapshot", "target", "volume", "secret")
        return dict(zip(keys, await asyncio.gather(*map(ask, keys)), strict=True))

    # What is done

    def create(self, values: Values, order: CreateOrder) -> None:
        """Create what is ordered in the background, and show how it goes.

        Args:
            values: what was typed, for when it has to be typed again.
            order: what it comes to.
        """
        if is_leaving(self):
            return
        task = CreateTask(values)
        task.worker = self.run_worker(
            self._create_one(task, order), name=task.title, group=workers.LIFECYCLE, exit_on_error=False
        )
        self.post_message(self.Begun(task))
        self.dialogs.watch_creation(task, self.do_new)

    async def _create_one(self, task: CreateTask, order: CreateOrder) -> None:
        selected: set[SandboxId] = set()

        def hear(event: CreateEvent) -> None:
            task.hear(event)
            sandbox = event.sandbox if isinstance(event, StageBegun | LeftBehind) else None
            if sandbox is not None:
                self.store.settle(sandbox.id, sandbox)
                self.changed()
                if sandbox.id not in selected:
                    selected.add(sandbox.id)
                    self._put_cursor_on(sandbox)

        try:
            sandbox = await create(
                self.services.gateway, order, timeout_s=max(self.services.settings.lifecycle_timeout_s, 600.0),
                on_event=hear,
            )  # fmt: skip
            task.succeed(sandbox)
            self.store.settle(sandbox.id, sandbox)
        except DaytonaTuiError as error:
            task.fail(error)
        finally:
            task.give_up()
            self._tried = (task.values, task.trouble) if task.has_failed else None
            self.changed()
            self.watch_news.wake()
        await self._tell_created(task)

    def _put_cursor_on(self, sandbox: Sandbox) -> None:
        """Put the cursor on the new row, unless somebody is marking a range."""
        self.view_changed()
        if self.table.range_anchor is None and not self.table.move_to(sandbox.id) and self.view.filter_text:
            self.app.notify("hidden by the filter", title=safe(sandbox.name), markup=False)

    async def _tell_created(self, task: CreateTask) -> None:
        made = task.sandbox or task.left
        if task.has_failed:
            if not task.is_watched:
                again = self.services.keymap.hint(NEW.id, "opens the order as it was")
                text = "\n".join(filter(None, (task.trouble, again)))
                self.app.notify(text, title=task.title, severity="error", timeout=_SHOWN_S, markup=False)
        else:
            name = safe(made.name) if made is not None else "it"
            text = "\n".join((f"{name} runs", *task.remarks))
            self.app.notify(text, title="Created", severity="warning" if task.remarks else "information", markup=False)
        outcome = "failed" if task.has_failed else "done"
        line = command_line(task.values).splitlines()[0]
        where = (made.id, made.name) if made is not None else ("", str(task.values.get("name") or ""))
        entry = Entry(self.services.now(), "create", *where, {}, outcome, task.trouble, line[:_NAMED_LINE])
        await self.deeds.journal.keep(entry)


def _like(record: Mapping[str, object], sandbox: Sandbox) -> tuple[Values, tuple[str, ...]]:
    order, unknown = like(record, sandbox)
    return values_of(order), tuple(f"· {safe(words)}" for words in unknown) if record else ()
