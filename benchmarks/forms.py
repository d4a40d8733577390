"""The form of a new sandbox: how long until a key can be typed into it, and what all of it costs the processor.

    python benchmarks/forms.py [RUNS]

Beside it, in turn and in the same run, stands the same form as it was before: four widgets for each field (a row, its
label, its entry, its hint) where there are two now, and twenty rows before the first key where there are twelve.
Milliseconds of this process's processor time, which other programs move less than the clock; ratios of one run move
less still.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from pathlib import Path

from textual import events
from textual.app import App
from textual.containers import Horizontal
from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets import Static

from daytona_tui.presentation.creation_form import create_form
from daytona_tui.presentation.forms import FormField
from daytona_tui.ui.screens.form import FormScreen
from daytona_tui.ui.screens.form_entries import Entry, FieldRow, entry_of

STYLES = Path(__file__).parent.parent / "src/daytona_tui/ui/styles/base.tcss"
LABELLED = """
FourWidgets .label { width: 16; }
FourWidgets .hint { width: 1fr; height: 1; padding-left: 2; text-wrap: nowrap; text-overflow: ellipsis; }
FourWidgets .entry { margin-left: 0; }
"""


class FourWidgets(FormScreen):
    """The form with a widget for everything."""

    AT_ONCE = 20
    CSS = LABELLED
    CSS_PATH = STYLES.with_name("form.tcss")

    def _row(self, field: FormField) -> Widget:
        row = self._rows[field.key] = Row(field, entry_of(field))
        self._entries[field.key] = row.entry
        return row.whole


class Row(FieldRow):
    """What is asked of a row, done with widgets; it is not mounted itself."""

    def __init__(self, field: FormField, entry: Entry) -> None:
        super().__init__(field, entry_of(field))
        self.entry = entry
        self.hint = Static(self.words, classes="hint")
        self.whole = Horizontal(Static(field.label, classes="label"), entry, self.hint, classes="field")
        self.whole.set_class(self.has_class("-tall"), "-tall")

    @property
    def is_cut(self) -> bool:
        return False

    def say(self, mistake: str) -> None:
        self.hint.update(mistake or self.words)


class Host(App[None]):
    CSS_PATH = STYLES


async def opened(pilot: Pilot[None], kind: type[FormScreen]) -> tuple[float, float]:
    """Open a form; return milliseconds of processor until a key is in it, and until all of it stands."""
    form = kind(create_form({}))
    began = time.process_time()
    pilot.app.push_screen(form)
    while form.focused is None:  # noqa: ASYNC110
        await asyncio.sleep(0)
    pilot.app.post_message(events.Key("x", "x"))
    while form.values.get("name") != "x":  # noqa: ASYNC110
        await asyncio.sleep(0)
    typed = time.process_time()
    while len(form.query(".entry")) < len(form.form.fields):  # noqa: ASYNC110
        await asyncio.sleep(0.001)
    await pilot.pause()
    whole = time.process_time()
    pilot.app.pop_screen()
    await pilot.pause()
    return (typed - began) * 1000, (whole - began) * 1000


async def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    async with Host().run_test(size=(120, 36)) as pilot:
        now, before = [], []
        for number in range(runs + 1):
            pair = await opened(pilot, FormScreen), await opened(pilot, FourWidgets)
            if number:  # the first pair warms the caches
                now.append(pair[0])
                before.append(pair[1])
    for at, words in enumerate(("until a key is in it", "until all of it stands")):
        ours, theirs = ([each[at] for each in them] for them in (now, before))
        ratios = [a / b for a, b in zip(ours, theirs, strict=True)]
        print(
            f"{words:24} {statistics.median(ours):6.0f} ms   before {statistics.median(theirs):6.0f} ms   "
            f"ratio {statistics.median(ratios):.2f}   worst {max(ours):.0f} ms"
        )


if __name__ == "__main__":
    asyncio.run(main())
