"""What sandboxes cost by the price list, by state, and what a whole fleet costs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from daytona_tui.domain.cost import PriceBook, burn, hourly, per_day
from daytona_tui.domain.sandbox import Resources, Sandbox, SandboxId, SandboxState
from daytona_tui.domain.tally import Tally

BOOK = PriceBook()
SMALL = Sandbox(
    SandboxId("1"), "small", SandboxState.STARTED, region="us", resources=Resources(cpu=1, memory_gib=1, disk_gib=3)
)
LARGE = replace(SMALL, id=SandboxId("2"), name="large", resources=Resources(cpu=2, memory_gib=4, disk_gib=8))


def test_a_running_sandbox_pays_for_everything() -> None:
    assert hourly(SMALL, BOOK) == pytest.approx(0.0504 + 0.0162 + 3 * 0.000108)
    large = hourly(LARGE, BOOK)
    assert large == pytest.approx(0.167, abs=0.001)
    assert per_day(large or 0) == pytest.approx(4, abs=0.02)


@pytest.mark.parametrize("state", ["stopped", "paused"])
def test_one_that_rests_pays_for_its_disk(state: str) -> None:
    resting = replace(SMALL, state=SandboxState(state), resources=Resources(cpu=4, memory_gib=8, disk_gib=10))

    cost = hourly(resting, BOOK)

    assert cost == pytest.approx(0.00108)
    assert per_day(cost or 0) * 365 / 12 == pytest.approx(0.79, abs=0.01)


@pytest.mark.parametrize("state", ["archiving", "archived", "error", "build_failed", "destroying", "destroyed"])
def test_what_is_archived_failed_or_gone_costs_nothing(state: str) -> None:
    assert hourly(replace(SMALL, state=SandboxState(state)), BOOK) == 0


@pytest.mark.parametrize("state", ["creating", "restoring", "starting", "stopping", "pulling_snapshot", "resuming"])
def test_one_on_its_way_pays_as_if_it_ran(state: str) -> None:
    assert hourly(replace(SMALL, state=SandboxState(state)), BOOK) == hourly(SMALL, BOOK)


def test_a_resize_costs_what_the_sandbox_goes_back_to() -> None:
    resizing = replace(SMALL, state=SandboxState.RESIZING)

    assert hourly(replace(resizing, desired_state="started"), BOOK) == hourly(SMALL, BOOK)
    assert hourly(replace(resizing, desired_state="stopped"), BOOK) == pytest.approx(3 * BOOK.disk)
    assert hourly(resizing, BOOK) == hourly(SMALL, BOOK)


@pytest.mark.parametrize(
    "sandbox",
    [
        replace(SMALL, state=SandboxState.UNKNOWN),
        replace(SMALL, resources=Resources(cpu=None, memory_gib=1, disk_gib=1)),
        replace(SMALL, resources=Resources(cpu=1, memory_gib=1, disk_gib=None)),
        replace(SMALL, resources=Resources(1, 1, 1, gpu=1)),
        replace(SMALL, resources=Resources(1, 1, 1, gpu=1, gpu_type="B300")),
    ],
)
def test_what_cannot_be_told_is_not_guessed(sandbox: Sandbox) -> None:
    assert hourly(sandbox, BOOK) is None


def test_gpus_are_paid_by_type() -> None:
    with_gpus = replace(SMALL, resources=Resources(1, 1, 3, gpu=2, gpu_type="H100"))

    assert hourly(with_gpus, BOOK) == pytest.approx((hourly(SMALL, BOOK) or 0) + 2 * 3.95)
    assert hourly(with_gpus, replace(BOOK, gpu={"H100": 1.0})) == pytest.approx((hourly(SMALL, BOOK) or 0) + 2)


def test_the_free_disk_is_taken_off_a_whole_fleet_once() -> None:
    fleet = [LARGE, replace(LARGE, id=SandboxId("3"))]
    single = hourly(LARGE, BOOK) or 0

    assert burn(fleet, BOOK).hourly == pytest.approx(2 * single)
    assert burn(fleet, BOOK, is_whole_fleet=True).hourly == pytest.approx(2 * single - 5 * BOOK.disk)
    assert burn([], BOOK, is_whole_fleet=True).hourly == 0


def test_a_tally_in_parts_is_the_burn_of_the_whole() -> None:
    fleet = [
        SMALL,
        LARGE,
        replace(LARGE, region="eu", state=SandboxState.STOPPED),
        replace(SMALL, state=SandboxState.UNKNOWN),
    ]
    tally = Tally(BOOK)

    for sandbox in fleet:
        tally.add([sandbox])

    assert tally.burn.hourly == pytest.approx(burn(fleet, BOOK, is_whole_fleet=True).hourly)
    assert tally.burn.unknown == 1
    assert (tally.regions["us"].cpu, tally.regions["us"].disk_gib) == (3, 11)
    assert (tally.regions["eu"].cpu, tally.regions["eu"].disk_gib) == (0, 8)


def test_the_book_says_how_old_it_is() -> None:
    assert "2026-07-02" in BOOK.words
    assert "no date" in PriceBook(as_of=None).words
