"""A line of text."""

from __future__ import annotations

from textual import events
from textual.binding import Binding, NoBinding
from textual.widgets import Input

BETWEEN_FIELDS = (
    Binding("tab", "app.focus_next", show=False, priority=True),
    Binding("shift+tab", "app.focus_previous", show=False, priority=True),
)
"""For dialogs with several entries: acts before the next key of its burst, which belongs into the next field."""


class TextEntry(Input):
    """A text whose keys act in the order in which they are pressed, however fast they come.

    In Textual 8.2 the letters of a burst (a slow line sends many keys at once) overtake its backspaces: they are
    inserted where they arrive, while a key that is bound is first handed up to the app.
    ``15⌫0m`` became ``150``.
    """

    async def _on_key(self, event: events.Key) -> None:
        if event.is_printable:
            return  # the class below inserts it
        try:
            action = self._bindings.get_bindings_for_key(event.key)[0].action
        except NoBinding:
            return
        self._restart_blink()
        # An action that has no use for the key, such as scrolling what cannot be scrolled, leaves it to who is around.
        if await self.app.run_action(action, default_namespace=self):
            event.stop()
            event.prevent_default()
