"""Creating sandboxes from the screen: the form, the log of the build, the new row, and what a failure leaves."""

from __future__ import annotations

from pathlib import Path

from tests.ui.acting_driver import told
from tests.ui.driver import OpenApp, Opened
from textual.widgets import Button, Input, TextArea

from daytona_tui.ui.screens.creating import CreatingScreen
from daytona_tui.ui.screens.form import FormScreen
from daytona_tui.ui.widgets.output_view import OutputView


async def _open(opened: Opened, key: str) -> FormScreen:
    await opened.press(key)
    await opened.until(lambda: isinstance(opened.app.screen, FormScreen) and isinstance(opened.app.focused, Input))
    await opened.until(lambda: len(opened.app.screen.query(".entry")) == len(opened.app.screen._entries))  # type: ignore[attr-defined]
    form = opened.app.screen
    assert isinstance(form, FormScreen)
    return form


def _type(form: FormScreen, key: str, text: str) -> None:
    entry = form._entries[key]
    assert isinstance(entry, Input)
    entry.value = text


def _selected(opened: Opened) -> str:
    return opened.fleet.current.name if opened.fleet.current is not None else ""


async def test_a_build_is_watched_and_the_new_row_selected(open_app: OpenApp, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM debian:12\nRUN echo from the build; sleep 0.3\nCOPY a /b\n")
    (tmp_path / "here.txt").write_text("uploaded")
    async with open_app() as opened:
        form = await _open(opened, "n")
        await opened.press("b", "o", "x", "y")
        _type(form, "dockerfile", str(tmp_path / "Dockerfile"))
        _type(form, "cpu", "two")
        await opened.pilot.pause()
        assert form.query_one("#submit", Button).disabled
        assert "vCPUs: a whole number" in opened.text
        _type(form, "cpu", "2")
        _type(form, "upload", str(tmp_path / "here.txt"))
        await opened.pilot.pause()
        assert "daytona-tui create --name boxy --dockerfile" in opened.text
        await opened.press("enter")  # only the disk tells what is in the Dockerfile
        await opened.until(lambda: "line 3 copies 'a'" in opened.text)
        (tmp_path / "Dockerfile").write_text("FROM debian:12\nRUN echo from the build; sleep 0.3\n")
        await opened.press("enter")
        await opened.until(lambda: isinstance(opened.app.screen, CreatingScreen))
        await opened.until(lambda: "from the build" in opened.text)
        assert opened.app.screen.query_one(OutputView).row_count() >= 2
        await opened.until(lambda: not isinstance(opened.app.screen, CreatingScreen))
        assert _selected(opened) == "boxy"
        assert opened.state_of("boxy") == "started"
        assert "boxy runs" in told(opened)
        made = opened.fleet.current
        assert made is not None
        assert made.resources.cpu == 2
        said = await opened.fleet.services.gateway.run(made.id, "cat here.txt")
        assert said.output == "uploaded"


async def test_after_a_failure_or_giving_up_the_form_comes_back_filled(open_app: OpenApp) -> None:
    async with open_app() as opened:
        form = await _open(opened, "n")
        await opened.press("t")
        _type(form, "name", "train-lora-7b")  # there is one
        _type(form, "label", "a=1 'b=two words'")
        await opened.press("enter")
        await opened.until(lambda: "already exists" in opened.text)
        await opened.until(lambda: opened.app.focused is not None and opened.app.focused.id == "again")
        await opened.press("enter")
        await opened.until(lambda: isinstance(opened.app.screen, FormScreen))
        form = await _form(opened)
        assert form.values == {"name": "train-lora-7b", "label": ("a=1", "b=two words")}
        assert "already exists" in opened.text
        await opened.press("escape")
        await opened.until(lambda: not isinstance(opened.app.screen, FormScreen))

        form = await _open(opened, "n")  # what was tried is not lost by leaving it
        assert form.values["label"] == ("a=1", "b=two words")
        _type(form, "name", "another")
        await opened.press("ctrl+s")
        await opened.until(lambda: _selected(opened) == "another" and opened.state_of("another") == "started")
        await opened.until(lambda: opened.app.screen is opened.screen)
        made = opened.fleet.current
        assert made is not None
        assert {**made.labels, "code-toolbox-language": "python"} == {
            "a": "1", "b": "two words", "code-toolbox-language": "python"
        }  # fmt: skip
        assert (await _open(opened, "n")).values == {}

        form = await _form(opened)
        _type(form, "name", "slow")
        area = form._entries["dockerfile_text"]
        assert isinstance(area, TextArea)
        area.text = "FROM debian:12\nRUN sleep 60"
        await opened.press("ctrl+y")
        assert opened.app.clipboard.endswith("<<'DOCKERFILE'\nFROM debian:12\nRUN sleep 60\nDOCKERFILE")
        await opened.press("ctrl+s")
        await opened.until(lambda: opened.state_of("slow") == "building_snapshot")
        await opened.until(lambda: isinstance(opened.app.screen, CreatingScreen))
        opened.app.screen.query_one("#give-up", Button).press()
        await opened.until(lambda: "given up; slow is left behind" in opened.text)
        await opened.press("enter")
        await opened.until(lambda: isinstance(opened.app.screen, FormScreen))
        assert (await _form(opened)).values["name"] == "slow"


async def _form(opened: Opened) -> FormScreen:
    form = opened.app.screen
    assert isinstance(form, FormScreen)
    await opened.until(lambda: len(form.query(".entry")) == len(form._entries))
    return form


async def test_another_like_one_and_what_is_refused(open_app: OpenApp) -> None:
    async with open_app() as opened:
        await opened.go_to("preview-shop")
        like = opened.fleet.current
        assert like is not None
        form = await _open(opened, "N")
        await opened.until(lambda: "none of it is copied" in opened.text)
        assert form.values["snapshot"] == like.snapshot
        assert form.values["label"] == tuple(f"{k}={v}" for k, v in like.labels.items() if k != "code-toolbox-language")
        assert "name" not in form.values
        await opened.press("escape")
        opened.fleet.services.read_only = "only looking"
        await opened.press("n")
        await opened.until(lambda: "only looking" in told(opened))
        assert opened.app.screen is opened.screen
