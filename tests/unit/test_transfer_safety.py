"""A name of a sandbox arrives exactly, or not at all, and never outside the destination."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daytona_tui.domain.sandbox import Sandbox, SandboxId, SandboxState
from daytona_tui.errors import TransferError, UnsafePathError
from daytona_tui.operations.copy import default_destination
from daytona_tui.transfer.safety import MAX_NAME_BYTES, directory_name, local_name, local_path

anything = st.text(st.characters(categories=["C", "L", "M", "N", "P", "S", "Z"]), max_size=300)


@pytest.mark.parametrize(
    "name", ["a", "with space", "new\nline", "\x1b[31mred", "…", "日本", " ", "-rf", "x" * 255, "..."]
)
def test_odd_but_possible_names_are_kept(name: str) -> None:
    assert local_name(name) == name


@pytest.mark.parametrize(
    "name", ["", ".", "..", "/", "/etc/passwd", "a/b", "../x", "a\0b", "x" * 256, "ö" * 128, "\ud800"]
)
def test_impossible_names_are_refused(name: str) -> None:
    with pytest.raises(UnsafePathError) as raised:
        local_name(name)

    assert raised.value.message.isprintable()


@settings(deadline=None)
@given(anything)
def test_a_name_that_passes_is_one_name_in_a_directory(name: str) -> None:
    try:
        local_name(name)
    except UnsafePathError:
        return

    directory = Path("/somewhere")
    assert (directory / name).parent == directory
    assert len(name.encode("utf-8", "surrogateescape")) <= MAX_NAME_BYTES


@settings(deadline=None)
@given(anything)
def test_a_directory_is_always_found_a_readable_name(text: str) -> None:
    name = directory_name(text, "sandbox")

    assert local_name(name) == name
    assert not any(c in name for c in "\n\x1b\0/\\")


@settings(deadline=None)
@given(anything, anything, anything)
def test_the_usual_destination_is_always_below_the_base(name: str, path: str, work_dir: str) -> None:
    sandbox = Sandbox(SandboxId("id"), name, SandboxState.STARTED)
    base = Path("/base")

    destination = default_destination(sandbox, path, work_dir, base)

    assert ".." not in destination.parts
    assert destination.is_relative_to(base)
    assert destination != base


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/home/daytona", "box"),
        ("/home/daytona/", "box"),
        ("/home/daytona/src/app.py", "box/src/app.py"),
        ("/home/daytona2/x", "box/home/daytona2/x"),
        ("/var/log", "box/var/log"),
        ("/", "box"),
        ("/home/daytona/../../etc/x", "box/etc/x"),
        ("/home/daytona/a\nb", "box/a\nb"),
    ],
)
def test_the_usual_destination(path: str, expected: str) -> None:
    sandbox = Sandbox(SandboxId("id"), "box", SandboxState.STARTED)

    assert default_destination(sandbox, path, "/home/daytona", Path("/base")) == Path("/base") / expected


def test_the_home_of_nobody_is_refused_and_not_a_mistake_of_ours() -> None:
    with pytest.raises(TransferError, match="nobody here has this home"):
        local_path("~nobody-of-that-name/x")


def test_what_comes_out_of_a_sandbox_goes_to_no_hidden_directory() -> None:
    sandbox = Sandbox(SandboxId("id"), ".ssh", SandboxState.STARTED)

    assert default_destination(sandbox, "/srv/x/authorized_keys", "/srv/x", Path("/here")) == Path(
        "/here/ssh/authorized_keys"
    )
