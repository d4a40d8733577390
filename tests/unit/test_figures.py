"""Money and quotas on the status line: short, honest about what is estimated and what is added up."""

from __future__ import annotations

import pytest

from daytona_tui.domain.cost import Burn
from daytona_tui.domain.effects import Amount
from daytona_tui.domain.usage import Quota, Quotas, RegionQuotas
from daytona_tui.presentation import figures
from daytona_tui.presentation.tones import Cell, Tone


def text(cells: tuple[Cell, ...]) -> str:
    return "".join(cell.text for cell in cells)


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (0, "$0.00"),
        (0.00001, "<$0.0001"),
        (0.00108, "$0.0011"),
        (0.067, "$0.07"),
        (6.413, "$6.41"),
        (999.994, "$999.99"),
        (1234.5, "$1,234"),
    ],
)
def test_money_is_short(amount: float, words: str) -> None:
    assert figures.dollars(amount) == words


def test_a_burn_is_marked_as_an_estimate_and_says_what_it_does_not_know() -> None:
    assert text(figures.burn_cells(Burn(6.413))) == "≈ $6.41/h"
    assert text(figures.burn_cells(Burn(6.413, 2))) == "≈ $6.41/h + 2 unknown"
    assert text(figures.spent_cells(3)) == "$3.00 today"


def test_meters_tell_used_and_allowed() -> None:
    quotas = RegionQuotas("us", "container", Quota(76, 250), Quota(380, 500), Quota(1990, 2000))

    shown = figures.meters(quotas)

    assert [text(cells) for cells in shown] == ["us vCPU 76/250", "RAM 380/500", "disk 1,990/2,000"]
    assert text(figures.meters(RegionQuotas("us", cpu=Quota(9_999, 100_000)))[0]) == "us vCPU 9,999/100k"
    assert [cells[-1].tone for cells in shown] == [Tone.NEUTRAL, Tone.WARN, Tone.BAD]


def test_a_full_quota_says_so_in_a_word() -> None:
    assert "full" in text(figures.meters(RegionQuotas("us", cpu=Quota(10, 10)))[0])


def test_sums_of_rows_are_called_so() -> None:
    shown = figures.sums(Amount(cpu=76, memory_gib=152), "us")

    assert [text(cells) for cells in shown] == ["us vCPU 76 (sum)", "RAM 152 (sum)"]
    assert figures.sums(Amount(), "us") == ()


def test_the_quotas_are_those_of_the_region_and_class() -> None:
    us, vm, eu = RegionQuotas("us", "container"), RegionQuotas("us", "linux-vm"), RegionQuotas("eu", "container")
    quotas = Quotas((us, vm, eu))

    assert figures.quotas_of(quotas, "us", "linux-vm") is vm
    assert figures.quotas_of(quotas, "eu", "windows") is eu
    assert figures.quotas_of(quotas, "mars", "container") is None
    assert figures.quotas_of(quotas, "", "") is None
    assert figures.quotas_of(Quotas((eu,)), "", "") is eu


def test_a_region_with_a_wild_name_is_harmless() -> None:
    assert "\x1b" not in text(figures.meters(RegionQuotas("\x1b[2J" + "x" * 99, cpu=Quota(1, 2)))[0])
