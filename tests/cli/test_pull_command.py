"""``pull`` puts things where cp would, says what it did, and leaves nothing half done."""

from __future__ import annotations

import asyncio
import json
import signal
from pathlib import Path

from tests.cli.conftest import DEADLINE_S, Run, finish, start
from tests.cli.test_asking import terminal

from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.emulator.server import Emulator


def _files(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


async def _plant(run: Run, script: str) -> None:
    assert (await run("exec", "scratch", "--", f"mkdir -p box && cd box && {script}")).code == 0


async def test_a_directory_goes_to_its_usual_place(run: Run, tmp_path: Path) -> None:
    await _plant(run, "printf one > a; mkdir -p sub empty; printf two > sub/b")

    outcome = await run("pull", "scratch", "box")

    assert (outcome.code, outcome.out) == (0, b"scratch/box\n")
    assert _files(tmp_path / "scratch") == {"box/a": b"one", "box/sub/b": b"two"}
    assert (tmp_path / "scratch" / "box" / "empty").is_dir()
    assert "2 files" in outcome.err


async def test_destinations_are_understood_as_by_cp(run: Run, tmp_path: Path) -> None:
    await _plant(run, "printf one > a")
    (tmp_path / "there").mkdir()

    assert (await run("pull", "scratch", "box/a", "there")).code == 0
    assert (await run("pull", "scratch", "box/a", "new/")).code == 0
    assert (await run("pull", "scratch", "box/a", "renamed")).code == 0
    assert (await run("pull", "scratch", "box", "there")).code == 0

    assert _files(tmp_path) == {"there/a": b"one", "new/a": b"one", "renamed": b"one", "there/box/a": b"one"}


async def test_a_colon_parts_sandbox_and_path_and_a_slash_means_contents(run: Run, tmp_path: Path) -> None:
    await _plant(run, "printf one > a; mkdir sub; printf two > sub/b")

    planned = await run("pull", "scratch:box/", "out", "--dry-run", "--json")
    first = await run("pull", "scratch:box/", "out", "--json")
    again = await run("pull", "scratch:~/box/", "out")
    named = await run("pull", "scratch:box", "out", "-q")

    told = json.loads(planned.out)
    assert (told["is_dry_run"], told["files"], told["size_bytes"], told["destination"]) == (True, 2, 6, "out")
    told = json.loads(first.out)
    assert (told["direction"], told["sandbox"]["name"], told["files"], told["failed"]) == ("pull", "scratch", 2, [])
    assert "0 files" in again.err
    assert "2 there already" in again.err
    assert (named.out, named.err) == (b"out/box\n", "")
    assert _files(tmp_path / "out") == {"a": b"one", "sub/b": b"two", "box/a": b"one", "box/sub/b": b"two"}


async def test_what_exists_and_differs_is_asked_about_at_a_terminal(
    run: Run, tmp_path: Path, env: dict[str, str], emulator: Emulator
) -> None:
    await _plant(run, "printf new > a")
    (tmp_path / "a").write_bytes(b"old")

    async with terminal("pull", "scratch:box/a", "a", cwd=tmp_path, env=env) as shown:
        await shown.until("to go on")
        assert "a: " in shown.text
        shown.type("no\n")
        assert await shown.code() == 1
    assert (tmp_path / "a").read_bytes() == b"old"
    async with terminal("pull", "scratch:box/a", "a", cwd=tmp_path, env=env) as shown:
        await shown.until("to go on")
        shown.type("overwrite\n")
        assert await shown.code() == 0
    assert (tmp_path / "a").read_bytes() == b"new"


async def test_too_much_is_asked_about(run: Run, tmp_path: Path) -> None:
    await _plant(run, "printf one > a; printf two > b")

    refused = await run("pull", "scratch:box", "--max-files", "1", "--json")
    pulled = await run("pull", "scratch:box", "--max-size", "2", "--yes")

    assert (refused.code, json.loads(refused.out)["error"]["code"]) == (2, "too_many")
    assert (pulled.code, len(_files(tmp_path))) == (0, 2)


async def test_odd_names_arrive_exactly_and_are_harmless_on_stderr(run: Run, tmp_path: Path) -> None:
    await _plant(run, r"""printf x > "$(printf 'new\nline')"; printf y > "$(printf '\033[2Jclear')"; ln -s / 'l'""")

    outcome = await run("pull", "scratch", "box", "out")

    assert _files(tmp_path / "out") == {"new\nline": b"x", "\x1b[2Jclear": b"y"}
    assert "\x1b" not in outcome.err
    assert "left out: " in outcome.err


async def test_what_exists_is_kept_replaced_or_skipped(run: Run, tmp_path: Path) -> None:
    await _plant(run, "printf new > a")
    (tmp_path / "a").write_bytes(b"old")

    refused = await run("pull", "scratch", "box/a", "a")
    assert (refused.code, refused.out) == (6, b"")
    assert "exists" in refused.err
    assert (tmp_path / "a").read_bytes() == b"old"

    assert (await run("pull", "scratch", "box/a", "a", "--skip")).code == 0
    assert (tmp_path / "a").read_bytes() == b"old"

    assert (await run("pull", "scratch", "box/a", "a", "--overwrite")).code == 0
    assert (tmp_path / "a").read_bytes() == b"new"


async def test_an_unwritable_destination_is_named(run: Run, tmp_path: Path) -> None:
    await _plant(run, "printf one > a")
    (tmp_path / "in-the-way").touch()

    outcome = await run("pull", "scratch", "box/a", "in-the-way/a")

    assert (outcome.code, outcome.out) == (6, b"")
    assert "in-the-way" in outcome.err


async def test_a_path_that_is_not_there(run: Run, tmp_path: Path) -> None:
    outcome = await run("pull", "scratch", "no/such", "new/out")

    assert outcome.code == 5
    assert not (tmp_path / "new").exists()


async def test_a_pull_that_is_broken_off_before_anything_arrived_leaves_nothing(
    run: Run, tmp_path: Path, env: dict[str, str], emulator: Emulator
) -> None:
    await _plant(run, "for i in 1 2 3; do head -c 1000000 /dev/zero > big$i; done")
    reads = emulator.faults.add(FaultRule(path="*/files/*download*", silent=True))
    process = await start("pull", "scratch", "box", "new/out", cwd=tmp_path, env=env)

    deadline = asyncio.get_running_loop().time() + DEADLINE_S
    while not reads.hits:
        assert asyncio.get_running_loop().time() < deadline, "it never read"
        await asyncio.sleep(0.01)
    assert (tmp_path / "new").exists(), "the pull was under way"
    outcome = await finish(process, signals=(signal.SIGINT,))

    assert outcome.code == 130
    assert not (tmp_path / "new").exists()
    assert "nothing half was left behind" in outcome.err
    assert "Traceback" not in outcome.err
