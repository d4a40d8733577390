"""The tree of a sandbox as rows."""

from __future__ import annotations

import pytest

from daytona_tui.domain.files import FileEntry
from daytona_tui.domain.tree import Arrangement, RowKind, home_of, tilde
from daytona_tui.store.files import RemoteTree


def entry(path: str, *, is_dir: bool = False) -> FileEntry:
    return FileEntry(path.rsplit("/", 1)[1], path, is_dir)


@pytest.fixture
def tree() -> RemoteTree:
    made = RemoteTree()
    made.set_root("/home/daytona")
    made.loaded("/home/daytona", (entry("/home/daytona/b.txt"), entry("/home/daytona/src", is_dir=True)))
    return made


def names(tree: RemoteTree) -> list[str]:
    return [f"{'  ' * row.depth}{row.entry.name if row.entry else row.text}" for row in tree.rows()]


def test_directories_come_first_and_are_closed(tree: RemoteTree) -> None:
    assert names(tree) == ["src", "b.txt"]


def test_an_open_directory_shows_its_contents_below_it(tree: RemoteTree) -> None:
    tree.open("/home/daytona/src")
    tree.loaded("/home/daytona/src", (entry("/home/daytona/src/a.py"),))

    assert names(tree) == ["src", "  a.py", "b.txt"]
    tree.close("/home/daytona/src")
    assert names(tree) == ["src", "b.txt"]


def test_a_directory_that_cannot_be_read_says_why_in_its_place(tree: RemoteTree) -> None:
    tree.open("/home/daytona/src")
    tree.failed("/home/daytona/src", "no permission")

    assert [row.kind for row in tree.rows()] == [RowKind.DIRECTORY, RowKind.FAILED, RowKind.FILE]
    assert names(tree)[1] == "  no permission"


def test_hidden_names_are_counted_where_nothing_else_is(tree: RemoteTree) -> None:
    tree.open("/home/daytona/src")
    tree.loaded("/home/daytona/src", (entry("/home/daytona/src/.git", is_dir=True),))
    assert names(tree)[1] == "  1 hidden"

    tree.arrange(Arrangement(shows_hidden=True))

    assert names(tree)[1] == "  .git"


def test_the_same_contents_again_are_no_change(tree: RemoteTree) -> None:
    again = (entry("/home/daytona/src", is_dir=True), entry("/home/daytona/b.txt"))

    assert not tree.loaded("/home/daytona", again)


def test_climbing_keeps_the_former_root_open_and_ends_at_the_top(tree: RemoteTree) -> None:
    assert tree.climb()
    tree.loaded("/home", (entry("/home/daytona", is_dir=True),))

    assert names(tree) == ["daytona", "  src", "  b.txt"]
    assert tree.climb()
    assert not tree.climb()


@pytest.mark.parametrize(
    ("work_dir", "path", "shown"),
    [
        ("/home/daytona", "/home/daytona/a", "~/a"),
        ("/home/daytona/workspace", "/home/daytona/workspace", "~/workspace"),
        ("/root", "/root", "~"),
        ("/root", "/rooted", "/rooted"),
        ("/workspace", "/workspace/x", "~/x"),
        ("/", "/etc", "/etc"),
    ],
)
def test_the_home_is_written_short(work_dir: str, path: str, shown: str) -> None:
    assert tilde(path, home_of(work_dir)) == shown
