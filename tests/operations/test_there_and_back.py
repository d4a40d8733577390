"""What a push sends is what a pull brings back: names, contents, modes, times, links, and what is empty."""

from __future__ import annotations

import asyncio
import os
import posixpath
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from daytona_tui.client import open_gateway
from daytona_tui.config.connection import Connection, Secret
from daytona_tui.domain.ports import Gateway
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.domain.transfers import ConflictPolicy, TransferOptions, Way
from daytona_tui.emulator.server import Emulator, EmulatorOptions
from daytona_tui.operations import copy
from daytona_tui.operations.push import plan_push, push

Made = tuple[str, int, int, bytes]  # kind, mode, nanoseconds, contents or where a link leads
Node = tuple[int, int, "bytes | str | dict[str, Node]"]  # mode, nanoseconds; a link's are not its own

NAMES = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1, max_size=40),
    st.sampled_from(["-rf", " ", "a b ", "new\nline", "\\", "order", "new", "~", "*", "$(x)", "n" * 255, "日本語"]),
).filter(lambda name: name not in (".", "..") and len(name.encode()) <= 255)
TIMES = st.integers(1, 2**33 * 10**9)
FILES = st.tuples(st.sampled_from([0o400, 0o600, 0o644, 0o755, 0o777]), TIMES, st.binary(max_size=300))
LINKS = st.tuples(st.just(0), st.just(0), NAMES.map(lambda name: f"to {name[:60]}"))  # a circle stays where it is
EMPTY: st.SearchStrategy[Node] = st.tuples(st.sampled_from([0o700, 0o755, 0o751]), TIMES, st.just({}))


def _directory(children: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    return st.tuples(st.sampled_from([0o700, 0o755]), TIMES, st.dictionaries(NAMES, children, max_size=4))


TREES = _directory(st.recursive(st.one_of(FILES, LINKS, EMPTY), _directory, max_leaves=12))


def _make(path: Path, node: Node) -> None:
    mode, ns, what = node
    if isinstance(what, str):
        path.symlink_to(what)
        return
    if isinstance(what, bytes):
        path.write_bytes(what)
    else:
        path.mkdir()
        for name, child in what.items():
            _make(path / name, child)
    path.chmod(mode)
    os.utime(path, ns=(ns, ns))


def _made(path: Path) -> dict[str, Made]:
    """Return all that there is from ``path`` on, as far as it is anybody's business."""
    found = {}
    for each in (path, *path.rglob("*")):
        is_link, described = each.is_symlink(), each.lstat()
        contents = os.fsencode(os.readlink(each)) if is_link else each.read_bytes() if each.is_file() else b""  # noqa: PTH115 - as it is
        kind = "link" if is_link else "file" if each.is_file() else "directory"
        of_its_own = (0, 0) if is_link else (stat.S_IMODE(described.st_mode), described.st_mtime_ns)
        found[str(each.relative_to(path))] = (kind, *of_its_own, contents)
    return found


@pytest.fixture
def runner(tmp_path: Path) -> Iterator[tuple[asyncio.Runner, Gateway, SandboxId]]:
    """A sandbox that many examples use, with the loop that it lives on; nothing takes modes away."""
    before = os.umask(0)
    stack = AsyncExitStack()

    async def opened() -> tuple[Gateway, SandboxId]:
        options = EmulatorOptions(seed="fleet:5", pace="instant", state_dir=tmp_path / "emulator")
        emulator = await stack.enter_async_context(Emulator(options))
        gateway = open_gateway(Connection(emulator.api_url, Secret(emulator.api_key)))
        stack.push_async_callback(gateway.close)
        fleet = [sandbox async for page in gateway.list_pages() for sandbox in page]
        return gateway, next(each.id for each in fleet if each.is_running and each.lifetimes.auto_delete_min != 0)

    with asyncio.Runner() as loop:
        try:
            yield loop, *loop.run(opened())
        finally:
            loop.run(stack.aclose())
            os.umask(before)


@given(tree=TREES, way=st.sampled_from(Way))
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
    max_examples=12,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # to make it smaller would take minutes
)
def test_what_goes_there_comes_back(runner: tuple[asyncio.Runner, Gateway, SandboxId], tree: Node, way: Way) -> None:
    loop, gateway, sandbox = runner
    options = TransferOptions(way=way, ignore_usual=False, conflict=ConflictPolicy.OVERWRITE)
    outer = Path(tempfile.mkdtemp())

    async def there_and_back() -> None:
        _make(outer / "it", tree)
        sent = await push(gateway, await plan_push(gateway, sandbox, [outer / "it"], f"{outer.name}/", options))
        assert sent.left_out == sent.failed == ()
        # What a pull is asked for is only what holds the rest: its own mode and time stay behind.
        above = posixpath.dirname(sent.destination)
        got = await copy.run(gateway, await copy.plan(gateway, sandbox, above, outer / "back", options))
        assert got.left_out == got.failed == ()
        assert _made(outer / "back" / "it") == _made(outer / "it")

        again = await plan_push(gateway, sandbox, [outer / "it"], f"{outer.name}/", options)
        assert (again.to_copy, again.to_link) == ((), ()), "what is there is known again"

    try:
        loop.run(there_and_back())
    finally:
        shutil.rmtree(outer)
