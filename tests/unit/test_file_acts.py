"""Modes, paths and questions around changes to files."""

from __future__ import annotations

import pytest

from daytona_tui.domain.file_acts import outermost, typed_path
from daytona_tui.domain.files import FileEntry
from daytona_tui.domain.modes import bits_of, changed_mode, spelt_mode


@pytest.mark.parametrize(
    ("mode", "bits"),
    [("-rw-r--r--", 0o644), ("drwxr-xr-x", 0o755), ("-rwsr-xr-t", 0o755), ("-rwSr--r--", 0o644), ("", 0), ("?", 0)],
)
def test_the_bits_of_a_mode(mode: str, bits: int) -> None:
    assert bits_of(mode) == bits


@pytest.mark.parametrize(
    ("text", "bits"),
    [
        ("640", 0o640),
        ("0755", 0o755),
        ("u+x", 0o744),
        ("+x", 0o755),
        ("go-r", 0o600),
        ("u=rw,go=", 0o600),
        (" a=r ", 0o444),
        ("g+w,o+w", 0o666),
        ("+X", 0o644),
    ],
)
def test_a_change_of_a_mode(text: str, bits: int) -> None:
    assert spelt_mode(changed_mode(text, "-rw-r--r--")) == f"{bits:03o}"


def test_a_large_x_means_directories_and_what_is_executable() -> None:
    assert changed_mode("a+X", "drw-r--r--", is_dir=True) == 0o755
    assert changed_mode("a+X", "-rwxr--r--") == 0o755


@pytest.mark.parametrize("text", ["", "9", "888", "u+z", "rwx", "77777", "u", "+x;rm", "６４４"])
def test_what_is_no_mode_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no mode"):
        changed_mode(text, "-rw-r--r--")


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("b", "/w/b"),
        ("b/", "/w/b/"),
        ("../b", "/b"),
        ("/x//y/../z", "/x/z"),
        ("~/b", "/h/b"),
        ("~", "/h"),
        ("..", "/"),
        ("../../../..", "/"),
        ("//x", "/x"),
        ("~x", "/w/~x"),
    ],
)
def test_the_path_that_a_text_stands_for(text: str, path: str) -> None:
    assert typed_path(text, "/w", "/h") == path


@pytest.mark.parametrize("text", ["", "a\0b"])
def test_what_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="path"):
        typed_path(text, "/w", "/h")


def test_what_lies_in_another_is_left_to_it() -> None:
    def entry(path: str, *, is_dir: bool = False, mode: str = "") -> FileEntry:
        return FileEntry(path.rsplit("/", 1)[-1], path, is_dir, mode=mode)

    entries = [entry("/a", is_dir=True), entry("/a/b/c"), entry("/ab"), entry("/d"), entry("/d/e")]

    assert [each.path for each in outermost(entries)] == ["/a", "/ab", "/d", "/d/e"]
