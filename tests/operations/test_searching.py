"""Files are found by what they are called, are, weigh and contain, with the sandbox's program or without it."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from typing import cast

import pytest
from tests.operations.conftest import Bench
from tests.operations.narrow import Narrow

from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.errors import NotFoundError
from daytona_tui.operations import searching as module
from daytona_tui.operations.searching import Found, Looks, Wanted, search


async def _found(bench: Bench, wanted: Wanted, below: str = "") -> Found:
    path = f"{bench.work_dir}/{below}".rstrip("/")
    return await search(bench.gateway, bench.sandbox.id, path, wanted, datetime.now(UTC))


def _names(bench: Bench, found: Found) -> list[str]:
    return [file.path.removeprefix(bench.work_dir).lstrip("/") for file in found.files]


def _plant(bench: Bench) -> None:
    (bench.home / "src" / "deep").mkdir(parents=True)
    (bench.home / "src" / "One.py").write_text("needle here\n")
    (bench.home / "src" / "deep" / "two.py").write_text("nothing\nneedle\n")
    (bench.home / "blob").write_bytes(b"x" * 50_000)
    days_ago = time.time() - 3 * 86400
    os.utime(bench.home / "src" / "deep" / "two.py", (days_ago, days_ago))


CASES = [
    (Wanted(name="*.py"), ["src/One.py", "src/deep/two.py"]),
    (Wanted(name="ONE.*"), []),
    (Wanted(name="ONE.*", fold_case=True), ["src/One.py"]),
    (Wanted(name="*.py", newer_s=86400), ["src/One.py"]),
    (Wanted(kind="d"), ["", "src", "src/deep"]),
    (Wanted(kind="d", depth=1), ["", "src"]),
    (Wanted(kind="f", at_least=50_000), ["blob"]),
    (Wanted(kind="f", at_least=50_001), []),
    (Wanted(kind="f", at_most=15), ["src/One.py", "src/deep/two.py"]),
    (Wanted(kind="f", at_least=0, depth=1), ["blob"]),
]


async def test_every_way_finds_the_same(bench: Bench) -> None:
    _plant(bench)
    for wanted, names in CASES:
        assert _names(bench, await _found(bench, wanted)) == names, wanted
    (blob,) = (await _found(bench, Wanted(name="blob"))).files
    assert (blob.kind, blob.size_bytes) == ("f", 50_000)
    assert blob.modified_at is not None

    narrow = cast(Looks, Narrow(bench.gateway, "find", "-printf"))
    for wanted, names in CASES:
        found = await search(narrow, bench.sandbox.id, bench.work_dir, wanted, datetime.now(UTC))
        assert _names(bench, found) == names, wanted

    bench.emulator.faults.add(FaultRule(path="*/process/execute", status=501))
    for wanted, names in CASES:
        assert _names(bench, await _found(bench, wanted)) == names, wanted
    assert _names(bench, await _found(bench, Wanted(name="blob"), "blob")) == ["blob"]


async def test_contents_are_found_among_what_is_wanted(bench: Bench) -> None:
    _plant(bench)

    every = await _found(bench, Wanted(text="needle"))
    some = await _found(bench, Wanted(text="needle", newer_s=86400))

    assert [(line.path.rpartition("/")[2], line.line, line.text) for line in every.lines] == [
        ("One.py", 1, "needle here"),
        ("two.py", 2, "needle"),
    ]
    assert some.lines == every.lines[:1]


async def test_hostile_names_and_words_do_nothing(bench: Bench) -> None:
    names = ["new\nline", "$(touch pwned)", "'; touch pwned; '", "-delete", "@MOST@ x", "\x1b[2J"]
    for name in names:
        (bench.home / name).touch()

    for name in names:
        assert _names(bench, await _found(bench, Wanted(name=name.replace("[", "[[]")))) == [name]
    await _found(bench, Wanted(name="x' -o -delete -o -name 'y"))
    assert sorted(path.name for path in bench.home.iterdir()) == sorted(names)


async def test_what_is_cut_off_or_not_there_is_said(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    _plant(bench)
    for number in range(100):
        (bench.home / f"file-{number:03}").touch()
    assert not (await _found(bench, Wanted())).is_partial
    monkeypatch.setattr(module, "MOST_BYTES", 1_000)

    cut = await _found(bench, Wanted())

    assert cut.is_partial
    assert 0 < len(cut.files) < 100
    with pytest.raises(NotFoundError):
        await _found(bench, Wanted(), "nowhere")
