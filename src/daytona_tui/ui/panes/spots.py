"""Places in a sandbox among which one is chosen, and what the files pane may ask; the screen opens the dialogs.

The dialog is there when the call returns, so that the keys that come in the same burst belong to it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Spot:
    """One line of a list of places. All but ``path`` is safe for a terminal.

    Attributes:
        path: absolute, in the sandbox: hostile text.
        title: what is searched by the letters that are typed.
        figure: a number of it, at the right: its size.
        aside: another one, behind the first: its age, its share.
        detail: more of it, behind the title: the line that was found.
        line: of the file, where it is about one; the first is 1.
        column: characters of the line before what was found.
        is_dir: it is a directory.
    """

    path: str
    title: str
    figure: str = ""
    aside: str = ""
    detail: str = ""
    line: int = 0
    column: int = 0
    is_dir: bool = False


@dataclass(frozen=True, slots=True)
class Spots:
    """What there is to choose from.

    Attributes:
        spots: in the order in which they are shown.
        note: about all of them, safe: how many, what is left out.
        empty: why there are none, safe.
    """

    spots: tuple[Spot, ...]
    note: str = ""
    empty: str = "nothing there"


class FileFinder(Protocol):
    """The dialogs that lead to a place. Errors of what is asked for are shown in the dialog."""

    def choose(
        self, title: str, placeholder: str, load: Callable[[], Awaitable[Spots]], then: Callable[[Spot], None]
    ) -> None:
        """Let one of many be chosen by a few letters, as soon as ``load`` has them."""

    def search(
        self,
        title: str,
        placeholder: str,
        search: Callable[[str], Awaitable[Spots]],
        then: Callable[[Spot], None],
        *,
        text: str = "",
        found: Spots | None = None,
    ) -> None:
        """Let a text be typed, look for it with Enter, and let one of what was found be chosen.

        Args:
            title: of the dialog.
            placeholder: what can be typed.
            search: looks for a text.
            then: is given what was chosen.
            text: what was looked for last.
            found: what came of it.
        """

    def go_to(
        self,
        title: str,
        text: str,
        resolve: Callable[[str], str],
        read: Callable[[str], Awaitable[Spots]],
        then: Callable[[str], None],
    ) -> None:
        """Let a path be typed, with what is in the directory typed so far below it.

        Args:
            title: of the dialog.
            text: what stands there at first.
            resolve: returns the absolute path that a text means.
            read: returns what is in a directory.
            then: is given the path.
        """
