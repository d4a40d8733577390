"""The places of the main screen: each holds one pane or several as tabs, of which one is in front."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from daytona_tui.ui.panes.pane import Pane, TabTitle


class Place:
    """Panes that share a place; all of them carry its number.

    Attributes:
        panes: the tabs, from left to right.
        front: the one that is seen where the place is.
    """

    def __init__(self, *panes: Pane) -> None:
        self.panes = panes
        self.front = panes[0]

    @property
    def number(self) -> int:
        """The key of the place."""
        return self.panes[0].NUMBER

    def beside(self, by: int) -> Pane:
        """Return the tab ``by`` steps to the right of the one in front, round the ends."""
        return self.panes[(self.panes.index(self.front) + by) % len(self.panes)]

    def titles(self) -> Iterator[TabTitle]:
        """Yield the titles of the tabs; the first carries the number."""
        for pane in self.panes:
            name = f"{self.number} {pane.NAME}" if pane is self.panes[0] else pane.NAME
            yield TabTitle(name, pane.id or "", pane is self.front)


class Places:
    """All places of the screen.

    Attributes:
        current_pane: the pane the user is in.
        left: the column that is seen beside any of the right.
        right: the column of which, where it is narrow, only one place is seen.
    """

    def __init__(self, left: Sequence[Place], right: Sequence[Place]) -> None:
        self.left = tuple(left)
        self.right = tuple(right)
        self.all = tuple(sorted((*left, *right), key=lambda place: place.number))
        self.current_pane = self.all[0].front
        self._in_front = self.right[0]

    @property
    def panes(self) -> tuple[Pane, ...]:
        """Every pane, in the order of the places."""
        return tuple(pane for place in self.all for pane in place.panes)

    @property
    def current(self) -> Place:
        """The place the user is in."""
        return self.of(self.current_pane)

    def of(self, pane: Pane) -> Place:
        """Return the place of ``pane``."""
        return next(place for place in self.all if pane in place.panes)

    def numbered(self, number: int) -> Place:
        """Return the place with the key ``number``."""
        return next(place for place in self.all if place.number == number)

    def enter(self, pane: Pane) -> None:
        """Note that the user is in ``pane`` now, which brings it to the front."""
        self.current_pane = pane
        place = self.of(pane)
        place.front = pane
        if place in self.right:
            self._in_front = place

    def step(self, by: int) -> Pane:
        """Return the pane in front of the place ``by`` steps further, round the ends."""
        return self.all[(self.all.index(self.current) + by) % len(self.all)].front

    def arrange(self, *, right_is_shared: bool) -> None:
        """Set the classes by which the style sheet shows and hides panes, and write the tabs into their frames.

        Args:
            right_is_shared: only one place of the right column is seen; its frame names the others.
        """
        for place in self.all:
            shares = right_is_shared and place in self.right
            others = [other for other in self.right if shares and other is not place]
            titles = (
                *place.titles(),
                *(TabTitle(f"{each.number} {each.front.NAME}", each.front.id or "") for each in others),
            )
            for pane in place.panes:
                is_front = pane is place.front
                classes = {
                    "-current": pane is self.current_pane,
                    "-behind": not is_front,
                    "-in-front": is_front and place is self._in_front,
                }
                pane.update_classes(classes, update=pane.is_attached)  # what is not mounted yet is dressed then
                pane.show_tabs(titles)
