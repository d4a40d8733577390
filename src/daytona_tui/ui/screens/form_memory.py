"""What was typed into forms that were left: it is there again when they are opened, as long as the program runs.

It lies in memory alone, and hidden text is not kept at all. A form is known again by its title and by what it begins
with, so that what was meant for one sandbox or one snapshot never comes up in the form of another.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any
from weakref import WeakKeyDictionary

from textual.app import App
from textual.widgets import Checkbox, TextArea

from daytona_tui.presentation.forms import Form, FormField, Kind
from daytona_tui.ui.screens.form_entries import Entry, shown

Typed = str | bool
"""What stands in an entry."""

_KEPT = 40
"""Forms of which something is kept; of more the oldest is forgotten."""
_LEFT: WeakKeyDictionary[App[Any], dict[Hashable, dict[str, Typed]]] = WeakKeyDictionary()


class FormMemory:
    """What is remembered of one form.

    Attributes:
        had_hidden: hidden text was typed before it was left, and has to be typed again.
    """

    def __init__(self, app: App[Any], form: Form) -> None:
        self._left = _LEFT.setdefault(app, {})
        self._key = (form.title, tuple((field.key, field.value) for field in form.fields))
        self._is_kept = form.is_remembered
        self.had_hidden = False

    def recall(self) -> Mapping[str, Typed]:
        """Return what was typed before, by the keys of the fields."""
        found = dict(self._left.get(self._key, {}))
        self.had_hidden = bool(found.pop("", False))
        return found

    def keep(self, form: Form, entries: Mapping[str, Entry]) -> None:
        """Keep what differs from what the form begins with; nothing where nothing does."""
        self.forget()
        if not self._is_kept:
            return
        changed = [field for field in form.fields if typed(entries[field.key]) != begun(field)]
        told = {field.key: typed(entries[field.key]) for field in changed if field.kind is not Kind.HIDDEN}
        if len(told) < len(changed):
            told[""] = True
        if told:
            self._left[self._key] = told
            for oldest in list(self._left)[:-_KEPT]:
                del self._left[oldest]

    def forget(self) -> None:
        """Forget it."""
        self._left.pop(self._key, None)


class Afresh:
    """What ctrl+l goes through: what the form begins with, nothing at all, and what was typed again."""

    def __init__(self) -> None:
        self._ring: list[dict[str, Typed]] = []

    def after(self, form: Form, entries: Mapping[str, Entry]) -> tuple[dict[str, Typed], bool] | None:
        """Return what is to stand in the entries now, and whether that was typed before; None where nothing was."""
        now = {field.key: typed(entries[field.key]) for field in form.fields}
        if now not in self._ring:
            self._ring = [now]
            for each in ({field.key: begun(field) for field in form.fields}, {f.key: nothing(f) for f in form.fields}):
                if each not in self._ring:
                    self._ring.append(each)
        if len(self._ring) == 1:
            return None
        at = (self._ring.index(now) + 1) % len(self._ring)
        return self._ring[at], at == 0


def typed(entry: Entry) -> Typed:
    """Return what stands in an entry."""
    if isinstance(entry, Checkbox):
        return entry.value
    return entry.text if isinstance(entry, TextArea) else entry.value


def put(entry: Entry, what: Typed) -> None:
    """Let something stand in an entry."""
    if isinstance(entry, Checkbox):
        entry.value = what is True
    elif isinstance(entry, TextArea):
        entry.text = str(what)
    else:
        entry.value = str(what)


def begun(field: FormField) -> Typed:
    """Return what stands in the entry of a field at first."""
    return field.value is True if field.kind is Kind.SWITCH else shown(field)


def nothing(field: FormField) -> Typed:
    """Return what stands in the entry of a field about which nothing is said."""
    return begun(field) if field.locked else False if field.kind is Kind.SWITCH else ""
