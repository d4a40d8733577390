"""What cells and details say of a verdict."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from daytona_tui.domain.effects import Amount
from daytona_tui.domain.leaks import Action, Band, Guard, Offer, Reason, Total, Verdict
from daytona_tui.domain.leaks.codes import GUARDS
from daytona_tui.domain.sandbox import Sandbox, SandboxId, SandboxState
from daytona_tui.presentation import leaks
from daytona_tui.presentation.cells import CellContext, Doing
from daytona_tui.presentation.fitting import fit
from daytona_tui.presentation.tones import Tone

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOSTILE = "\x1b[2J\u202eevil\n"


def sandbox() -> Sandbox:
    return Sandbox(SandboxId("id-1"), "box", SandboxState.STARTED, "started")


def verdict(**fields: object) -> Verdict:
    usual = {
        "score": 85,
        "band": Band.LEAK,
        "reasons": (Reason("run.no-autostop-idle", 70, "idle for 9h"), Reason("own.none", 5, "no owner marks")),
        "guards": (),
        "offers": (Offer(Action.TTL, "nothing happens now", 1440), Offer(Action.DELETE, "gone")),
        "per_day": 4.008,
        "frees": Amount(),
        "is_mine": True,
        "suspicion": 75,
    }
    return Verdict(sandbox(), **{**usual, **fields})  # type: ignore[arg-type]


def veto(words: str = "held on this machine") -> Verdict:
    return verdict(score=0, band=Band.FINE, guards=(Guard("keep.pin", 0, True, words),), offers=())


def test_a_leak_says_how_sure_what_it_costs_why_and_what_first() -> None:
    each = verdict()

    assert leaks.score_cell(each).text == "85 leak"
    assert leaks.score_cell(each).tone is Tone.BAD
    assert leaks.cost_cell(each).text == "4.01"
    assert leaks.why_cell(each).text == "idle for 9h +1"
    assert leaks.offer_cell(each).text == "✓ ttl 1d"


def test_what_is_not_preselected_has_no_tick() -> None:
    assert leaks.offer_cell(verdict(is_mine=False)).text == "  ttl 1d"
    assert leaks.offer_cell(verdict(band=Band.SUSPECT, score=50)).text == "  ttl 1d"


def test_where_something_is_being_done_nothing_is_offered() -> None:
    offer = next(column for column in leaks.leak_columns(lambda _each: verdict()) if column.key == "leak-offer")

    assert offer.cell(sandbox(), CellContext(NOW)).text == "✓ ttl 1d"
    assert offer.cell(sandbox(), CellContext(NOW, Doing("deleting", NOW))).text == "deleting"


def test_what_a_guard_vetoes_says_so_and_offers_nothing() -> None:
    each = veto()

    assert "guarded" in leaks.score_cell(each).text
    assert leaks.guard_cell(each).text == "held on this machine"
    assert leaks.offer_cell(each).text == ""


def test_a_cost_that_is_not_known_is_not_called_nothing() -> None:
    assert leaks.cost_cell(verdict(per_day=None)).text == "—"
    assert leaks.cost_cell(verdict(per_day=0.0)).text == "0.00"


@pytest.mark.parametrize("each", [verdict(reasons=(Reason("x", 1, HOSTILE),)), veto(HOSTILE)])
def test_hostile_sentences_are_harmless_everywhere(each: Verdict) -> None:
    cells = [column.cell(sandbox(), CellContext(NOW)) for column in leaks.leak_columns(lambda _each: each)]
    fields = [field for section in leaks.verdict_section(each) for field in section.fields]
    for text in [*(cell.text for cell in cells), *(field.cell.text + field.note for field in fields)]:
        assert text.isprintable(), repr(text)


def test_before_a_judgement_the_cells_are_empty() -> None:
    columns = leaks.leak_columns(lambda _each: None)

    assert {c.cell(sandbox(), CellContext(NOW)).text for c in columns if c.key.startswith("leak-")} == {""}


def test_the_details_name_reasons_guards_and_offers_with_their_codes() -> None:
    guard = Guard("cpu.busy", -30, False, "CPU 85 %, may be a background job")
    (section,) = leaks.verdict_section(verdict(guards=(guard,)))

    said = {field.label: (field.cell.text, field.note) for field in section.fields if field.label}
    assert said["score"] == ("85 leak", "$4.01 a day · yours · 75 before guards")
    assert said["because"] == ("idle for 9h", "+70 run.no-autostop-idle")
    assert said["guarded"] == ("CPU 85 %, may be a background job", "-30 cpu.busy")
    assert said["could"] == ("ttl 1d", "nothing happens now")


def test_of_what_nothing_speaks_against_the_details_say_nothing() -> None:
    assert not list(leaks.verdict_section(verdict(reasons=(), band=Band.FINE, score=0)))


@pytest.mark.parametrize(
    ("total", "words"),
    [
        (Total(3, 20, 9, 11.4, 0, Amount(disk_gib=180)), "23 suspects, $11.40/day, 180 GiB"),
        (Total(1), "1 suspect, $0.00/day"),
        (Total(0, 2, 0, 1.5, 1), "2 suspects, at least $1.50/day"),
        (Total(), "no leaks and no suspects"),
        (Total(untidy=4), "no leaks and no suspects, 4 untidy"),
    ],
)
def test_the_total_counts_leaks_and_suspects(total: Total, words: str) -> None:
    assert leaks.total_words(total) == words


@pytest.mark.parametrize(
    ("total", "words"),
    [
        (Total(3, 20, 9, 1140.4), "23 suspects $1,140/d"),
        (Total(0, 1, 0, 9.994), "1 suspect $9.99/d"),
        (Total(0, 2, 0, 9.995, 1), "2 suspects ≥ $10/d"),
        (Total(0, 0, 4), "no suspects"),
    ],
)
def test_a_narrow_line_leaves_out_cents_and_disks(total: Total, words: str) -> None:
    assert leaks.total_words(total, is_short=True) == words


def test_in_more_detail_it_says_how_many_are_leaks_and_have_no_price() -> None:
    words = leaks.total_words(Total(3, 20, 9, 11.4, 2), is_full=True)
    assert words == "23 suspects, at least $11.40/day, 3 of them leaks, 2 of unknown cost"


@pytest.mark.parametrize("room", [65, 73, 99])
def test_reason_guard_and_offer_are_shown_in_a_narrow_pane_as_well(room: int) -> None:
    shown = [column.key for column, _width in fit(leaks.leak_columns(lambda _each: None), room)]

    assert shown == ["name", "leak-cost", "leak-score", "leak-why", "leak-guard", "leak-offer"]


def test_a_usual_reason_is_shown_whole_at_160_columns() -> None:
    rooms = {column.key: room for column, room in fit(leaks.leak_columns(lambda _each: None), 99)}

    assert rooms["leak-why"] >= len("idle 14h, auto-stop is off, about $0.17/h")
    assert rooms["leak-score"] >= len("40 suspect")


def test_every_guard_has_a_word_for_a_narrow_column() -> None:
    assert leaks.GUARD_WORDS.keys() == GUARDS
    assert max(map(len, leaks.GUARD_WORDS.values())) <= 8


def test_two_lines_tell_what_a_row_has_no_room_for() -> None:
    guard = Guard("cpu.busy", -30, False, "CPU 75 %, may be a background job")

    assert leaks.verdict_lines(verdict(guards=(guard,))) == (
        "box · 85 leak · yours · idle for 9h; no owner marks",
        "against it: CPU 75 %, may be a background job · ttl 1d: nothing happens now",
    )
    assert leaks.verdict_lines(veto())[1] == "against it: held on this machine"
    assert all(line.isprintable() for line in leaks.verdict_lines(veto(HOSTILE)))
