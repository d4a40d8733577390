"""Time of opening a directory with many entries, and of finding a path: the goals are 16 ms and a tenth of ``Tree``.

    python benchmarks/file_tree.py [ENTRIES] [ROUNDS]

What is timed, in processor time, is all that the loop is held up by once the listing is there (it is put in order in a
thread before that): rows are made of it, shown and drawn. Beside it stands Textual's own ``Tree`` with the same rows,
built, expanded and drawn. Finding is timed for the first letter, after which every path has to be ranked.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

from textual.app import App, ComposeResult
from textual.widgets import Tree

from daytona_tui.domain.files import FileEntry, in_order
from daytona_tui.domain.tree import Arrangement, SortBy
from daytona_tui.store.files import RemoteTree
from daytona_tui.ui.panes.spots import Spot, Spots
from daytona_tui.ui.screens.finding import SpotList
from daytona_tui.ui.widgets.file_tree import FileTree

GOAL_MS = 16
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
PATHS = 40_000


def listing(entries: int, seed: int = 7) -> tuple[FileEntry, ...]:
    """Return the same directory for the same seed, in no order."""
    dice = random.Random(seed)
    made = [
        FileEntry(
            f"module_{n:05}.py", f"/w/big/module_{n:05}.py", False, dice.randrange(99_999), "-rw-r--r--", "u", "g", NOW
        )
        for n in range(entries)
    ]
    dice.shuffle(made)
    return tuple(made)


class Ours(App[None]):
    """The tree of the files pane alone."""

    def compose(self) -> ComposeResult:
        """Make it."""
        yield FileTree(id="tree")


class Theirs(App[None]):
    """Textual's tree."""

    def compose(self) -> ComposeResult:
        """Make it."""
        yield Tree("w")


async def ours(entries: tuple[FileEntry, ...], arrangement: Arrangement) -> float:
    """Return the milliseconds of opening a directory in the files pane."""
    ordered = in_order(entries)
    async with Ours().run_test(size=(100, 45)) as pilot:
        view = pilot.app.query_one(FileTree)
        tree = RemoteTree()
        tree.arrange(arrangement)
        tree.set_root("/w")
        tree.loaded("/w", (FileEntry("big", "/w/big", True),))
        view.show(tree.rows(), NOW)
        tree.open("/w/big")
        await pilot.pause()
        began = time.process_time()
        tree.loaded("/w/big", ordered, is_ordered=True)
        view.show(tree.rows(), NOW)
        pilot.app.screen._compositor.render_strips()  # private in Textual 8.2: there is no public way to draw a frame
        return (time.process_time() - began) * 1000


async def theirs(entries: tuple[FileEntry, ...]) -> float:
    """Return the milliseconds of building, expanding and drawing the same with Textual's tree."""
    async with Theirs().run_test(size=(100, 45)) as pilot:
        tree = pilot.app.query_one(Tree)
        tree.root.expand()
        node = tree.root.add("big")
        await pilot.pause()
        began = time.process_time()
        for entry in in_order(entries):
            node.add_leaf(entry.name)
        node.expand()
        await pilot.pause()
        pilot.app.screen._compositor.render_strips()
        return (time.process_time() - began) * 1000


async def finding() -> float:
    """Return the milliseconds that the first letter takes in the dialog that finds a path."""
    dice = random.Random(7)
    words = ("core", "app", "utils", "module", "test", "data", "handler", "service", "view", "model")
    paths = ("/".join(dice.choices(words, k=4)) + f"/file_{n}.py" for n in range(PATHS))
    spots = Spots(tuple(Spot(path, path) for path in paths))

    class Finder(App[None]):
        def compose(self) -> ComposeResult:
            yield SpotList()

    async with Finder().run_test(size=(100, 45)) as pilot:
        found = pilot.app.query_one(SpotList)
        found.fill(spots)
        began = time.process_time()
        found.filter_by("m")
        return (time.process_time() - began) * 1000


async def rounds(many: int, work: Callable[[], object]) -> list[float]:
    """Return what each round took."""
    return [await work() for _ in range(many)]  # type: ignore[misc]


def tell(what: str, times: list[float], goal: str = "") -> None:
    """Print the median and the worst."""
    print(f"{what:<44} {statistics.median(times):8.1f} ms  worst {max(times):8.1f} ms  {goal}")


async def main(entries: int, many: int) -> None:
    """Measure and tell."""
    directory = listing(entries)
    tell(
        f"open {entries:,} entries by name",
        await rounds(many, lambda: ours(directory, Arrangement())),
        f"goal {GOAL_MS} ms",
    )
    tell("  by size", await rounds(many, lambda: ours(directory, Arrangement(SortBy.SIZE))))
    tell("  by age", await rounds(many, lambda: ours(directory, Arrangement(SortBy.AGE))))
    tell("the same in Textual's Tree", await rounds(many, lambda: theirs(directory)), "goal: 10 times ours at least")
    tell(f"first letter among {PATHS:,} paths", await rounds(many, finding))


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    asyncio.run(main(given[0] if given else 10_000, given[1] if len(given) > 1 else 5))
