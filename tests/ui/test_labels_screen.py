"""The editor of labels: adds, changes and takes away, and leaves all others alone."""

from __future__ import annotations

import pytest
from tests.ui.acting_driver import open_editor
from tests.ui.driver import OpenApp, Opened

from daytona_tui.emulator.fleet.records import SandboxRecord
from daytona_tui.ui.screens.labels import LabelsScreen
from daytona_tui.ui.widgets.label_list import LabelList


def _record(opened: Opened, name: str) -> SandboxRecord:
    return next(each for each in opened.emulator.fleet.records.values() if each.name == name)


async def _edit(opened: Opened, *names: str) -> None:
    await open_editor(opened, "L", LabelsScreen, *names)


async def _enter(opened: Opened, text: str) -> None:
    await opened.press(*({"=": "equals_sign", "-": "minus", " ": "space"}.get(key, key) for key in text), "enter")
    await opened.pilot.pause()


async def _put_on(opened: Opened, key: str) -> None:
    labels = opened.app.screen.query_one(LabelList)
    labels.move_cursor(next(i for i, row in enumerate(labels._rows) if row.key == key))
    await opened.pilot.pause()


async def test_a_label_is_added_changed_and_taken_away_and_the_others_stay(open_app: OpenApp) -> None:
    async with open_app() as opened:
        record = _record(opened, "train-lora-7b")
        await _edit(opened, "train-lora-7b")

        await _enter(opened, "keep=yes")
        await _enter(opened, "owner=ana")
        await _put_on(opened, "run")
        await opened.press("ctrl+d")
        assert "Sets keep=yes, owner=ana; takes away run; all others stay." in opened.text
        await opened.press("enter")

        await opened.until(lambda: record.labels.get("keep") == "yes")
        assert record.labels == {"code-toolbox-language": "python", "owner": "ana", "keep": "yes"}


async def test_labels_that_somebody_else_sets_meanwhile_are_kept(open_app: OpenApp) -> None:
    async with open_app() as opened:
        record = _record(opened, "train-lora-7b")
        await _edit(opened, "train-lora-7b")
        await _enter(opened, "keep=yes")

        opened.emulator.fleet.change(record, labels={**record.labels, "theirs": "new"})
        await opened.press("enter")

        await opened.until(lambda: "keep" in record.labels or opened.app._notifications)
        assert record.labels["theirs"] == "new"


async def test_of_many_it_says_who_has_what(open_app: OpenApp) -> None:
    async with open_app() as opened:
        one, other = _record(opened, "train-lora-7b"), _record(opened, "nightly-etl")
        await _edit(opened, "train-lora-7b", "nightly-etl")
        assert "1 of 2" in opened.text

        await _enter(opened, "team=ml")
        await opened.press("enter")

        await opened.until(lambda: one.labels.get("team") == other.labels.get("team") == "ml")
        assert one.labels["run"] == "lora-7b-044"
        assert other.labels["schedule"] == "nightly"


async def test_a_change_can_be_taken_back_before_it_is_applied(open_app: OpenApp) -> None:
    async with open_app() as opened:
        await _edit(opened, "train-lora-7b")
        await _enter(opened, "keep=yes")

        await opened.press("ctrl+d")
        assert "Nothing is changed yet." in opened.text
        await opened.press("enter")

        assert isinstance(opened.app.screen, LabelsScreen)
        await opened.press("escape")
        await opened.until(lambda: opened.app.screen is opened.screen)


async def test_a_label_is_taken_into_the_entry_to_be_changed(open_app: OpenApp) -> None:
    async with open_app() as opened:
        record = _record(opened, "train-lora-7b")
        await _edit(opened, "train-lora-7b")
        await _put_on(opened, "run")

        await opened.press("ctrl+e", "minus", "2", "enter", "enter")

        await opened.until(lambda: record.labels["run"] == "lora-7b-044-2")


@pytest.mark.parametrize(
    ("text", "said"),
    [("novalue", "key=value"), ("=value", "needs a key"), (f"k={'v' * 300}", "at most 256"), (f"{'k' * 300}=v", "256")],
)
async def test_what_is_no_label_is_told_and_not_taken(open_app: OpenApp, text: str, said: str) -> None:
    async with open_app() as opened:
        await _edit(opened, "train-lora-7b")

        opened.app.screen.query_one("Input").value = text  # type: ignore[attr-defined]
        await opened.press("enter")
        await opened.pilot.pause()

        assert said in opened.text
        assert "Nothing is changed yet." in opened.text


@pytest.mark.parametrize("size", [(160, 45), (120, 36), (80, 24)])
async def test_it_fits_on_every_screen(open_app: OpenApp, size: tuple[int, int]) -> None:
    async with open_app(size=size) as opened:
        await _edit(opened, opened.names()[0])

        assert "Apply" in opened.text
        assert "code-toolbox-language" in opened.text
