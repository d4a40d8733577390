"""Forms: fields are checked as one types, nothing typed is lost, and only what is right can be submitted."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace

from tests.ui.driver import screen_text
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Button, Input, Static, TextArea

from daytona_tui.presentation.forms import Form, FormField, Kind, Value, Values
from daytona_tui.ui.screens.form import FormScreen, Verify, filled
from daytona_tui.ui.screens.form_memory import typed


class _Host(App[None]):
    CSS_PATH = "../../src/daytona_tui/ui/styles/base.tcss"

    def __init__(self, form: Form, verify: Verify | None) -> None:
        super().__init__()
        self.form = FormScreen(form, verify)
        self.answers: list[dict[str, Value] | None] = []

    def on_mount(self) -> None:
        self.push_screen(self.form, self.answers.append)


@asynccontextmanager
async def _opened(
    form: Form, verify: Verify | None = None, *, size: tuple[int, int] = (120, 36)
) -> AsyncIterator[tuple[_Host, Pilot[None]]]:
    host = _Host(form, verify)
    async with host.run_test(size=size) as pilot:
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


async def test_what_was_typed_is_back_after_it_was_left_until_it_is_cleared() -> None:
    form = replace(_FORM, fields=(*_FORM.fields, FormField("pass", "password", Kind.HIDDEN)))
    async with _opened(form) as (host, pilot):
        await pilot.press("n", "\u7530")
        host.form.query_one("#entry-words", Input).value = "un'closed"
        host.form.query_one("#entry-pass", Input).value = "hush"
        host.form.query_one("#entry-lines", TextArea).text = "one\ntwo\n\nthree"
        await pilot.press("down", "down", "down", "down", "space", "escape")
        assert host.answers == [None]

        again = await _again(host, pilot, form)
        assert _typed(again)["name"] == "n\u7530"
        assert _typed(again)["words"] == "un'closed"
        assert _typed(again)["lines"] == "one\ntwo\n\nthree"
        assert (_typed(again)["on"], _typed(again)["pass"]) == (True, "")
        assert "hidden has to be typed again. ctrl+l starts afresh" in _text(host, "#recalled")
        await pilot.press("ctrl+l")
        assert (_typed(again)["name"], _typed(again)["lines"], _typed(again)["on"]) == ("", "one\ntwo", False)
        await pilot.press("ctrl+l")
        assert (_typed(again)["lines"], _typed(again)["count"]) == ("", "")
        await pilot.press("ctrl+l")
        assert (_typed(again)["name"], _typed(again)["on"]) == ("n\u7530", True)

        other = await _again(host, pilot, replace(form, title="Another thing"))
        assert _typed(other)["name"] == ""
        filled_in = await _again(host, pilot, filled(form, {"name": "begun"}))
        assert _typed(filled_in)["name"] == "begun"

        again = await _again(host, pilot, form)
        again.query_one("#entry-words", Input).value = ""
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert (host.answers[-1] or {}).get("name") == "n\u7530"
        assert _typed(await _again(host, pilot, form))["name"] == "", "what was submitted does not come up again"


async def test_who_keeps_it_himself_and_what_is_empty() -> None:
    form = Form("Thing", (FormField("name", "name"),), is_remembered=False)
    async with _opened(form) as (host, pilot):
        await pilot.press("ctrl+l")
        assert host.form.query_one("#recalled").display is False
        await pilot.press("a", "escape")
        assert _typed(await _again(host, pilot, form))["name"] == ""


async def test_every_key_is_named_in_eighty_columns() -> None:
    form = replace(_FORM, copied=lambda values: f"make {values.get('name', '')}")
    async with _opened(form, size=(80, 24)) as (host, pilot):
        keys = host.form.query_one("#keys", Static)
        assert keys.size.height == 1
        for key in ("ctrl+s", "esc", "pgup pgdn", "ctrl+y", "ctrl+l"):
            assert key in screen_text(host), key
        await pilot.press("a", "ctrl+y")
        assert host.clipboard == "make a"


async def _again(host: _Host, pilot: Pilot[None], form: Form) -> FormScreen:
    """Leave the form, if it is open, and open one."""
    if host.screen is host.form:
        await pilot.press("escape")
    host.form = FormScreen(form)
    host.push_screen(host.form, host.answers.append)
    await pilot.pause()
    await pilot.pause()
    return host.form


def _typed(form: FormScreen) -> dict[str, str | bool]:
    return {key: typed(entry) for key, entry in form._entries.items()}


async def test_words_that_are_cut_off_beside_a_field_stand_in_the_frame_while_it_has_the_focus() -> None:
    limit = "letters, digits and dashes only, of which there are at most two hundred"
    form = Form("Thing", (FormField("name", "name", hint=limit), FormField("size", "size", hint="GiB")))
    async with _opened(form) as (host, pilot):
        dialog = host.form.query_one(".dialog")
        assert str(dialog.border_subtitle) == limit
        await pilot.press("down")
        assert str(dialog.border_subtitle) == ""
