"""Tasks in words: tallies, what is told of a sandbox, what a notice says at the end."""

from __future__ import annotations

from daytona_tui.presentation.tasks import FEW, Status, Tally, TaskPart, outcome_text, part_cell, part_text
from daytona_tui.presentation.tones import Tone


def part(status: Status, **fields: object) -> TaskPart:
    return TaskPart("id", "api\x1b[2J", status, **fields)  # type: ignore[arg-type]


def test_a_tally_counts_each_status_once() -> None:
    tally = Tally.of([*Status, Status.DONE])

    assert (tally.total, tally.ended, tally.done) == (7, 5, 2)
    assert (tally.asked, tally.answered) == (6, 4)
    assert tally.words("stopped") == "2 stopped, 1 failed, 1 skipped, 1 cancelled"
    assert tally.marks() == "✓2 ✗1 –1 ⊘1"


def test_a_task_is_what_is_worst_of_it_once_it_is_over() -> None:
    assert Tally(waiting=1, failed=1).status is Status.RUNNING
    assert Tally(done=1, failed=1, cancelled=1).status is Status.FAILED
    assert Tally(done=1, cancelled=1).status is Status.CANCELLED
    assert Tally(done=1, skipped=1).status is Status.DONE
    assert Tally(skipped=1).status is Status.SKIPPED


def test_a_failure_says_what_to_do_next() -> None:
    cell = part_cell(part(Status.FAILED, detail="no such key\x07", hint="ask for one"), "stopped")

    assert (cell.text, cell.tone) == ("no such key␇ · ask for one", Tone.BAD)


def test_an_exit_code_counts_more_than_what_was_written() -> None:
    assert part_cell(part(Status.DONE, exit_code=0, detail="exit 0: hello"), "run").text == "exit 0"


def test_an_outcome_names_who_failed_and_counts_the_rest() -> None:
    parts = [part(Status.FAILED, detail=f"reason {n}") for n in range(FEW + 2)] + [part(Status.DONE)]
    lines = outcome_text(parts, "stopped").splitlines()

    assert lines[0] == f"1 stopped, {FEW + 2} failed"
    assert lines[1] == "api␛[2J: reason 0"
    assert lines[-1] == "and 2 more failed"
    assert len(lines) == FEW + 2


def test_output_is_shown_with_its_lines_and_without_its_controls() -> None:
    text = part_text(
        part(Status.FAILED, exit_code=2, output="one\x1b[31m\r\ntwo\n", seconds=3.2, step="running"), "run"
    )

    assert text.splitlines()[-2:] == ["one␛[31m", "two"]
    assert "3s" in text
    assert "while" not in text


def test_a_command_that_wrote_nothing_is_said_to_have() -> None:
    assert part_text(part(Status.DONE, exit_code=0), "run").endswith("It wrote nothing.")
