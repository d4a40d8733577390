"""Holding sandboxes: the pins of this machine, and the label that everybody sees."""

from __future__ import annotations

import asyncio
import stat
from datetime import date
from pathlib import Path

import pytest
from tests.operations.bulk_helpers import until
from tests.operations.conftest import Bench

from daytona_tui.domain.sandbox import Sandbox, SandboxId, SandboxState
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.errors import ConfigError, ConflictError
from daytona_tui.operations.protection import (
    KEEP_BY_LABEL,
    KEEP_LABEL,
    Pins,
    is_kept_by_label,
    merge_labels,
    share_hold,
    unshare_hold,
)


def _sandbox(name: str) -> Sandbox:
    return Sandbox(SandboxId(f"id-{name}"), name, SandboxState.STARTED)


async def test_pins_last_and_belong_to_their_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "pins.json"
    assert dict(await Pins(path).load()) == {}

    await Pins(path).hold(_sandbox("a"))
    await Pins(path).hold(_sandbox("b"))
    first = (await Pins(path).load())[SandboxId("id-a")]
    again = await Pins(path).hold(_sandbox("a"))

    assert again[SandboxId("id-a")] == first, "holding twice is holding once"
    assert set(await Pins(path).release(SandboxId("id-a"))) == {"id-b"}
    assert set(await Pins(path).release(SandboxId("id-a"))) == {"id-b"}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_pins_of_several_programs_at_once_are_all_kept(tmp_path: Path) -> None:
    path = tmp_path / "pins.json"

    await asyncio.gather(*(Pins(path).hold(_sandbox(str(number))) for number in range(20)))

    assert len(await Pins(path).load()) == 20


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '{"version": 2, "pins": {}}', '{"version": 1}', '{"version": 1, "pins": []}',
     '{"version": 1, "pins": {"a": {"name": "a", "at": "never"}}}', '{"version": 1, "pins": {"a": {"name": 3}}}',
     '{"version": 1, "pins": {"a": "b"}}', "[" * 100_000],
)  # fmt: skip
async def test_a_damaged_file_is_never_taken_for_nobody(tmp_path: Path, text: str) -> None:
    path = tmp_path / "pins.json"
    path.write_text(text)

    for act in (Pins(path).load(), Pins(path).hold(_sandbox("a")), Pins(path).release(SandboxId("a"))):
        with pytest.raises(ConfigError, match=r"pins\.json is damaged"):
            await act

    assert path.read_text() == text, "what may be mended by hand is left as it is"


async def test_a_directory_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "pins.json").mkdir()

    with pytest.raises(ConfigError, match="cannot be read"):
        await Pins(tmp_path / "pins.json").load()


async def test_the_shared_label_stands_beside_the_others_and_goes_again(bench: Bench) -> None:
    before = await bench.gateway.set_labels(bench.sandbox.id, {"owner": "ada", "code-toolbox-language": "python"})

    held = await share_hold(bench.gateway, before, by="grace", until=date(2027, 1, 31))
    assert held.labels == {**before.labels, KEEP_LABEL: "2027-01-31", KEEP_BY_LABEL: "grace"}
    assert is_kept_by_label(held)
    assert (await share_hold(bench.gateway, before, by="")).labels[KEEP_LABEL] == "true"

    assert (await unshare_hold(bench.gateway, held)).labels == before.labels


async def test_whoever_labels_in_between_is_found_out(bench: Bench) -> None:
    """The server replaces all labels: a change at the same time would be lost without a word."""
    emulator = bench.emulator
    record = emulator.fleet.records[bench.sandbox.id]

    emulator.faults.add(FaultRule(method="GET", path=f"*/{record.id}", delay_s=0.3))

    async def meddle() -> None:  # after our writing, before our reading back
        await until(lambda: KEEP_LABEL in record.labels)
        emulator.fleet.change(record, labels={"somebody": "else"})

    meddling = asyncio.create_task(meddle())
    with pytest.raises(ConflictError, match="somebody else changed the labels"):
        await merge_labels(bench.gateway, bench.sandbox.id, {KEEP_LABEL: "true"})
    await meddling
