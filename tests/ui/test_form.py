"""Forms: fields are checked as one types, nothing typed is lost, and only what is right can be submitted."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Button, Input, Static, TextArea

from daytona_tui.presentation.forms import Form, FormField, Kind, Value, Values
from daytona_tui.ui.screens.form import FormScreen, Verify, filled


class _Host(App[None]):
    CSS_PATH = "../../src/daytona_tui/ui/styles/base.tcss"

    def __init__(self, form: Form, verify: Verify | None) -> None:
        super().__init__()
        self.form = FormScreen(form, verify)
        self.answers: list[dict[str, Value] | None] = []

    def on_mount(self) -> None:
        self.push_screen(self.form, self.answers.append)


@asynccontextmanager
async def _opened(form: Form, verify: Verify | None = None) -> AsyncIterator[tuple[_Host, Pilot[None]]]:
    host = _Host(form, verify)
    async with host.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        yield host, pilot


def _check(values: Values) -> Mapping[str, str]:
    wrong = {}
    if not values.get("name"):
        wrong["name"] = "it needs a name"
    if "x" in str(values.get("name", "")):
        wrong["name"] = "no x, please"
    return wrong


_FORM = Form(
    "New thing",
    (
        FormField("name", "name", hint="letters"),
        FormField("count", "count", Kind.COUNT, group="more", value="2"),
        FormField("words", "words", Kind.WORDS, group="more", value=("a b", "c")),
        FormField("kind", "kind", Kind.CHOICE, group="more", choices=("alpha", "beta")),
        FormField("on", "switch", Kind.SWITCH, group="more"),
        FormField("lines", "lines", Kind.LINES, group="text", value=("one", "two")),
        FormField("odd", "odd", group="text", value="\x1b[31mred"),
        FormField("gone", "gone", group="text", locked="this server has no such thing"),
    ),
    check=_check,
    told=lambda values: [f"{len(values)} said"],
)


def _text(host: _Host, selector: str) -> str:
    return str(host.form.query_one(selector, Static).content)


async def test_it_is_checked_for_every_letter_and_gives_back_what_was_said() -> None:
    async with _opened(_FORM) as (host, pilot):
        form = host.form
        assert form.query_one("#submit", Button).disabled
        assert _text(host, "#mistakes") == "name: it needs a name"
        await pilot.press("a", "x")
        assert _text(host, "#mistakes") == "name: no x, please"
        await pilot.press("enter")
        assert host.answers == []
        await pilot.press("backspace")
        assert host.form.query_one("#submit", Button).disabled is False
        assert _text(host, "#told") == "5 said"
        await pilot.press("down", "end", "3", "down", "down", "b", "right", "down", "space")
        assert form.values["on"] is True
        await pilot.press("enter")  # on the switch
        assert host.answers == [
            {
                "name": "a", "count": "23", "words": ("a b", "c"), "kind": "beta", "on": True,
                "lines": ("one", "two"), "odd": "\x1b[31mred",
            }
        ]  # fmt: skip


async def test_groups_lines_and_what_cannot_be_said() -> None:
    async with _opened(filled(_FORM, {"name": "n", "words": ("x",)}, "it went wrong")) as (host, pilot):
        form = host.form
        assert form.query_one("#entry-gone", Input).disabled
        assert "it went wrong" in [str(each.content) for each in form.query(Static)]
        await pilot.press("pagedown", "pagedown")
        area = form.query_one("#entry-lines", TextArea)
        assert area.has_focus
        await pilot.press("q", "enter", "w")
        assert form.values["lines"] == ("q", "w")
        await pilot.press("up", "down", "up")
        assert form.focused is area
        await pilot.press("up")
        assert form.query_one("#entry-on").has_focus
        await pilot.press("down", "down", "down")
        assert form.query_one("#entry-odd", Input).has_focus
        await pilot.press("pageup")
        assert form.query_one("#entry-count", Input).has_focus
        form.query_one("#entry-words", Input).value = "un'closed"
        await pilot.pause()
        assert _text(host, "#mistakes") == "words: a quotation mark is missing"
        await pilot.press("escape")
        assert host.answers == [None]


async def test_what_only_the_disk_can_tell_keeps_it_open() -> None:
    found = {"name": "there is no such file"}

    async def verify(values: Values) -> Mapping[str, str]:
        return found if values["name"] == "n" else {}

    async with _opened(filled(_FORM, {"name": "n"}), verify) as (host, pilot):
        await pilot.press("enter")
        await host.workers.wait_for_complete()
        await pilot.pause()
        assert _text(host, "#mistakes") == "name: there is no such file"
        await pilot.press("e", "enter")
        await host.workers.wait_for_complete()
        await pilot.pause()
        assert [answer and answer["name"] for answer in host.answers] == ["ne"]


async def test_words_that_are_cut_off_beside_a_field_stand_in_the_frame_while_it_has_the_focus() -> None:
    limit = "letters, digits and dashes only, of which there are at most two hundred"
    form = Form("Thing", (FormField("name", "name", hint=limit), FormField("size", "size", hint="GiB")))
    async with _opened(form) as (host, pilot):
        dialog = host.form.query_one(".dialog")
        assert str(dialog.border_subtitle) == limit
        await pilot.press("down")
        assert str(dialog.border_subtitle) == ""
