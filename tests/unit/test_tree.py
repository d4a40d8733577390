"""The tree of a sandbox as rows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from daytona_tui.domain.files import FileEntry
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.domain.tree import Arrangement, RowKind, SortBy, home_of, tilde, untilde
from daytona_tui.store.files import FileStore, RemoteTree


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


def test_sizes_and_ages_put_the_large_and_the_new_first_and_directories_before_all(tree: RemoteTree) -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    here = "/home/daytona"
    tree.loaded(
        here,
        (
            FileEntry("b", f"{here}/b", False, 10, modified_at=moment),
            FileEntry("a", f"{here}/a", False, 10, modified_at=None),
            FileEntry("c", f"{here}/c", False, 99, modified_at=moment - timedelta(days=1)),
            FileEntry("y", f"{here}/y", True, 4096, modified_at=moment),
            FileEntry("x", f"{here}/x", True, 4096, modified_at=moment),
        ),
    )
    shown = {}
    for order in (Arrangement(SortBy.SIZE), Arrangement(SortBy.SIZE, is_reversed=True), Arrangement(SortBy.AGE)):
        tree.arrange(order)
        shown[order] = "".join(names(tree))

    assert list(shown.values()) == ["xycab", "yxbac", "xybca"]
    tree.arrange(Arrangement(SortBy.SIZE))
    tree.measured({f"{here}/y": 5})
    assert "".join(names(tree)) == "yxcab"


def test_the_way_to_a_path_is_opened_and_hidden_names_on_it_are_shown(tree: RemoteTree) -> None:
    assert tree.reach("/home/daytona/src/.x/y") == ["/home/daytona", "/home/daytona/src", "/home/daytona/src/.x"]
    assert tree.arrangement.shows_hidden
    assert tree.is_open("/home/daytona/src/.x")
    tree.reach("/etc/ssh/config")
    assert tree.root == "/etc/ssh"
    tree.reach("/home/daytona/b.txt")
    assert tree.root == "/home/daytona"
    assert tree.reach("/") == []
    assert tree.root == "/"


def test_marks_go_with_what_is_gone(tree: RemoteTree) -> None:
    tree.toggle(tree.visible("/home/daytona"))
    assert list(tree.marks) == ["/home/daytona/src", "/home/daytona/b.txt"]

    tree.loaded("/home/daytona", (entry("/home/daytona/b.txt"),))

    assert list(tree.marks) == ["/home/daytona/b.txt"]


def test_what_is_shown_stays_the_same_for_other_sandboxes() -> None:
    store = FileStore()
    first = store.tree(SandboxId("one"))
    store.arrange(Arrangement(SortBy.AGE))

    assert first.arrangement == store.tree(SandboxId("two")).arrangement == Arrangement(SortBy.AGE)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("~", "/home/daytona"),
        ("~/x", "/home/daytona/x"),
        ("x/./y//", "/w/x/y"),
        ("../../../x", "/x"),
        ("/", "/"),
        ("", "/w"),
        ("~x", "/w/~x"),
        ("/a/../../b", "/b"),
    ],
)
def test_a_typed_path_becomes_an_absolute_one(text: str, path: str) -> None:
    assert untilde(text, "/home/daytona", "/w") == path


def test_a_link_that_leads_to_a_directory_opens_like_one(tree: RemoteTree) -> None:
    link = FileEntry("latest", "/home/daytona/latest", False, mode="Lrwxrwxrwx")
    tree.loaded("/home/daytona", (link, entry("/home/daytona/src", is_dir=True)))
    assert [row.kind for row in tree.rows()] == [RowKind.DIRECTORY, RowKind.FILE]

    tree.leads_on(link.path)
    tree.open(link.path)
    tree.loaded(link.path, (entry("/home/daytona/latest/a.py"),))

    assert names(tree) == ["src", "latest", "  a.py"]


def test_the_way_to_a_path_goes_through_links(tree: RemoteTree) -> None:
    link = FileEntry("latest", "/home/daytona/latest", False, mode="Lrwxrwxrwx")
    tree.loaded("/home/daytona", (link,))
    assert names(tree) == ["latest"]

    tree.reach("/home/daytona/latest/a.py")
    tree.loaded(link.path, (entry("/home/daytona/latest/a.py"),))

    assert names(tree) == ["latest", "  a.py"]


@pytest.mark.parametrize("root", ["//", "/home/daytona/", "here"])
def test_the_way_to_a_path_ends_however_the_sandbox_writes_its_directory(root: str) -> None:
    tree = RemoteTree()
    tree.set_root(root)

    tree.reach("/home/daytona/src/main.py")

    assert tree.is_open("/home/daytona/src") or tree.root == "/home/daytona/src"
