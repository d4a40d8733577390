"""Words for transfers, and what is kept of one that is over."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from daytona_tui.domain.sandbox import Sandbox, SandboxId, SandboxState
from daytona_tui.domain.transfers import (
    ConflictPolicy,
    PlanSummary,
    TransferItem,
    TransferProgress,
    TransferReport,
    Way,
)
from daytona_tui.operations.journal import Journal
from daytona_tui.operations.transfer_history import entry_of, local_place, order_of, remote_place
from daytona_tui.operations.transferring import Direction, TransferOrder, reports_summed, summed
from daytona_tui.presentation.transfers import plan_lines, progress_detail, progress_words, report_line
from daytona_tui.ui.panes.transfers import in_all
from daytona_tui.ui.screens.paths import completed
from daytona_tui.ui.terminal import notice

SANDBOX = Sandbox(id=SandboxId("sb-1"), name="api-1", state=SandboxState.STARTED)
NOW = datetime(2026, 11, 21, tzinfo=UTC)


def test_a_plan_says_what_deserves_a_second_look() -> None:
    summary = PlanSummary(
        "/here",
        1204,
        34_000_000,
        equal=7,
        conflicts=(TransferItem("/w/a\x1b[2J.py", "differs"),),
        left_out=(TransferItem("/w/node_modules", "usual"), TransferItem("/w/.venv", "usual")),
        questions=("these are 300,000 files",),
        way=Way.TAR,
        seconds=4.2,
    )

    lines = plan_lines(summary, ConflictPolicy.FAIL)

    assert lines[0] == ("1,204 files, 32 MB · 7 the same already · about 4s · by tar", False)
    assert lines[1] == ("1 exists and differs: a␛[2J.py", True)
    assert lines[2] == ("2 left out: node_modules, .venv", False)
    assert lines[3] == ("these are 300,000 files: Enter copies all the same", True)
    assert plan_lines(summary, ConflictPolicy.SKIP)[1][1] is False


def test_progress_says_rate_time_left_and_the_current_file() -> None:
    progress = TransferProgress(12, 40, 30_000_000, 100_000_000, "/w/src/main.py", 10 * 1024.0**2, 7.0)

    said = progress_words(progress, 3.0)

    assert said == "30 % · 7s left · 10M/s"
    assert progress_detail(progress, said) == "30 % · 7s left · 10M/s · 12 of 40 files · 29M of 95M · main.py"
    waiting = TransferProgress(bytes_done=3, bytes_total=10, waiting="no network")
    assert progress_words(waiting, 9.0) == "30 % · no network"
    assert progress_words(TransferProgress(), 1.0) == "listing …"


@pytest.mark.parametrize(
    ("progress", "says"),
    [
        (TransferProgress(2, 3, 999, 1000, bytes_per_s=1e6, eta_s=0.001), "99 % · 1s left · 977K/s"),
        (TransferProgress(3, 3, 1000, 1000, bytes_per_s=1e6, eta_s=0.0), "100 % · checking …"),
        (TransferProgress(3, 3, 1200, 1000, bytes_per_s=1e6, eta_s=-1.0), "100 % · checking …"),
        (TransferProgress(0, 3, 0, 1000, eta_s=None), "0 %"),
        (TransferProgress(1, 3, 10, 10_000, bytes_per_s=1.0, eta_s=9990.0), "0 % · 2h 46m left · 1/s"),
        (TransferProgress(1, 4), "25 %"),
    ],
)
def test_no_number_of_progress_is_absurd(progress: TransferProgress, says: str) -> None:
    assert progress_words(progress, 60.0) == says


def test_a_plan_of_nothing_says_so() -> None:
    lines = plan_lines(PlanSummary("/here", equal=7, way=Way.STREAM, seconds=0.2), ConflictPolicy.FAIL)

    assert lines == [("nothing to copy · 7 the same already", False)]


def test_two_transfers_are_told_as_one() -> None:
    one = TransferProgress(1, 2, 10, 100, bytes_per_s=5.0, eta_s=18.0)
    other = TransferProgress(2, 2, 50, 100, bytes_per_s=10.0, eta_s=5.0)

    both = in_all([one, other])

    assert (both.files_done, both.bytes_done, both.bytes_total, both.bytes_per_s) == (3, 60, 200, 15.0)
    assert both.eta_s == 18.0
    assert in_all([one, TransferProgress()]).fraction == one.fraction
    assert in_all([TransferProgress()]).fraction is None


def test_several_plans_and_reports_are_one() -> None:
    item = TransferItem("/x", "why")
    plans = [PlanSummary("/d/a", 1, 10, left_out=(item,), seconds=1.0), PlanSummary("/d/b", 2, 20, seconds=2.0)]
    assert summed(plans, "/d") == PlanSummary("/d", 3, 30, left_out=(item,), seconds=3.0)
    reports = [TransferReport("/d/a", 1, 10, 1.0, ways=(Way.BULK,)), TransferReport("/d/b", 2, 20, 1.0, failed=(item,))]
    both = reports_summed(reports, "/d")
    assert report_line(both) == "3 files, 30 B in 2.0s to /d · 1 failed"
    assert both.ways == (Way.BULK,)


async def test_the_history_gives_an_order_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    journal = Journal(tmp_path / "transfers.jsonl")
    pull = TransferOrder(Direction.PULL, SANDBOX, ("/w/a b", "/w/\x1b"), "mine")
    push = TransferOrder(Direction.PUSH, SANDBOX, ("dir/", "x'y"), "/w/")
    await journal.keep(entry_of(pull, TransferReport("mine", 2, 30, 1.0), "done", "2 files", NOW))
    await journal.keep(entry_of(push, None, "failed", "no", NOW))

    second, first = await journal.recent(10)

    assert order_of(first, SANDBOX) == TransferOrder(Direction.PULL, SANDBOX, pull.sources, str(tmp_path / "mine"))
    again = order_of(second, SANDBOX)
    assert again is not None
    assert again.sources == (f"{tmp_path}/dir/", f"{tmp_path}/x'y")
    assert (local_place(first), remote_place(first)) == (str(tmp_path / "mine"), "/w/a b")
    assert remote_place(second) == "/w/"
    assert f"daytona-tui push {tmp_path}/dir/ " in second.line
    assert (tmp_path / "transfers.jsonl").stat().st_mode & 0o077 == 0


async def test_what_was_not_kept_whole_is_not_done_again(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "transfers.jsonl")
    for sources in ((f"/{'x' * 3000}",), tuple(f"/{n}" for n in range(200))):
        await journal.keep(entry_of(TransferOrder(Direction.PULL, SANDBOX, sources, "/d"), None, "done", "", NOW))
    with (tmp_path / "transfers.jsonl").open("a") as stream:
        stream.write('{"at": "2026-11-21T00:00:00+00:00", "verb": "pull"}\n[]\n{\n')

    entries = await journal.recent(10)

    assert len(entries) == 3
    assert [order_of(entry, SANDBOX) for entry in entries] == [None, None, None]


def test_the_line_of_several_pulls_brings_all_of_them_into_one_directory() -> None:
    order = TransferOrder(Direction.PULL, SANDBOX, ("/w/a", "/w/b", "/w/c", "/w/d"), "/here")
    assert entry_of(order, None, "done", "", NOW).line == " && ".join(
        f"daytona-tui pull sb-1:/w/{name} /here/" for name in "abcd"
    )


def test_local_paths_are_completed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "one.json").write_text("")
    (tmp_path / "re ports").mkdir()
    (tmp_path / ".hidden").write_text("")

    assert completed("re") == "results/"
    assert completed("results/") == "results/one.json"
    assert completed("~/results/o") == "~/results/one.json"
    assert completed(f"x {tmp_path}/res") == f"x {tmp_path}/results/"
    for text in ("", "nothing", "'re", "no/such/dir/x", "a\0b/c"):
        assert completed(text) is None, text


def test_a_notice_of_the_desktop_is_one_sequence_whatever_the_text() -> None:
    assert notice("Pull a\x1b\\b\x07c") == "\x1b]9;Pull a\\bc\x1b\\"
