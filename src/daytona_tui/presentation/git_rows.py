"""Repositories, their files, commits, branches and differences as rows of cells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from daytona_tui.domain.git import Branch, Change, Commit, FoundRepository, GitFile
from daytona_tui.presentation.git import dirt, distance, letter, marks
from daytona_tui.presentation.human import age
from daytona_tui.presentation.safe_text import cell_width, safe
from daytona_tui.presentation.tones import Cell, Tone

MOST_LINES = 5_000
"""Lines of a difference that are shown."""

_TONES = {
    Change.UNTRACKED: Tone.ACCENT,
    Change.ADDED: Tone.GOOD,
    Change.DELETED: Tone.BAD,
    Change.CONFLICT: Tone.BAD,
    Change.UNKNOWN: Tone.BAD,
}
_WORDS = {
    Change.UNTRACKED: "new",
    Change.CONFLICT: "in conflict",
    Change.UNKNOWN: "differs",
}
_HEADS = (
    "diff ", "index ", "--- ", "+++ ", "new file", "deleted file", "old mode", "new mode", "rename ", "similarity ",
    "copy ", "Binary ", "commit ", "Author:", "Date:",
)  # fmt: skip

Row = tuple[Cell, ...]


def repository_row(found: FoundRepository, shown_path: str, now: datetime) -> Row:
    """Return path, branch, distance from its upstream, what differs, and the last commit."""
    status = found.status
    counts = dirt(status) + ("+" if found.is_partial else "")
    tone = Tone.FAINT if not status.files else Tone.BAD if "conflict" in counts else Tone.WARN
    if status.is_published is False:
        away = Cell("local", Tone.DIM)
    else:
        away = Cell(distance(status) or "=", Tone.WARN if status.ahead or status.behind else Tone.FAINT)
    branch = Cell(safe(status.branch) or "no branch", Tone.ACCENT if status.branch else Tone.WARN, is_name=True)
    return (
        Cell(safe(shown_path), Tone.STRONG, is_name=True),
        branch,
        away,
        Cell(counts, tone, short=marks(status)),
        _commit(found.head, now),
    )


def _commit(head: Commit | None, now: datetime) -> Cell:
    if head is None:
        return Cell("no commit yet", Tone.FAINT)
    since = f"{age((now - head.at).total_seconds())}  " if head.at is not None else ""
    return Cell(f"{since}{safe(head.subject)}", Tone.DIM)


def file_row(file: GitFile) -> Row:
    """Return whether it is staged, git's letters, the name, and how it differs."""
    mark = "●" if file.is_whole_staged else "◐" if file.is_staged else "○"
    word = _WORDS.get(file.change, file.change.value)
    if file.origin:
        word = f"{word} from {safe(file.origin)}"
    tone = _TONES.get(file.change, Tone.WARN)
    letters = f"{letter(file.staged)}{letter(file.unstaged)}".replace("??", " ?")
    staged = Cell(mark, Tone.GOOD if file.is_staged else Tone.FAINT)
    return (staged, Cell(letters, tone), Cell(safe(file.name), is_name=True), Cell(word, Tone.DIM))


def commit_row(commit: Commit, now: datetime, *, is_unpushed: bool) -> Row:
    """Return hash, age, author and subject; a commit that the upstream does not have has an arrow."""
    since = age((now - commit.at).total_seconds()) if commit.at is not None else "—"
    return (
        Cell(safe(commit.hash[:8]), Tone.ACCENT),
        Cell("↑" if is_unpushed else "", Tone.WARN),
        Cell(since, Tone.DIM),
        Cell(safe(commit.author), Tone.DIM),
        Cell(safe(commit.subject)),
    )


def branch_row(branch: Branch, now: datetime) -> Row:
    """Return a star for the current one, the name, how it stands, and its last commit."""
    name = safe(f"{branch.remote}/{branch.name}" if branch.remote else branch.name)
    since = f"{age((now - branch.at).total_seconds())}  " if branch.at is not None else ""
    standing = safe(branch.standing) or ("=" if branch.upstream else "")
    return (
        Cell("*" if branch.is_current else "", Tone.GOOD),
        Cell(name, Tone.DIM if branch.remote else Tone.STRONG, is_name=True),
        Cell(standing, Tone.WARN if branch.standing else Tone.FAINT),
        Cell(f"{since}{safe(branch.subject)}", Tone.DIM),
    )


def diff_lines(text: str) -> tuple[Cell, ...]:
    """Return the lines of a difference, safe and coloured by what they mean."""
    lines = text.split("\n")
    if lines and not lines[-1]:
        lines.pop()
    return tuple(Cell(safe(line.replace("\t", "    ")), _tone(line)) for line in lines[:MOST_LINES])


def _tone(line: str) -> Tone:
    if line.startswith(_HEADS):
        return Tone.STRONG if line.startswith(("diff ", "commit ")) else Tone.DIM
    return {"+": Tone.GOOD, "-": Tone.BAD, "@": Tone.ACCENT}.get(line[:1], Tone.NEUTRAL)


def broken(lines: Sequence[Cell], width: int) -> Iterator[tuple[int, Cell]]:
    """Yield the lines as they fit into ``width`` cells, each with the index of the line that it is of."""
    for index, line in enumerate(lines):
        if line.text.isascii() and len(line.text) <= width:
            yield index, line
            continue
        for part in _pieces(line.text, max(10, width)):
            yield index, Cell(part, line.tone)


def _pieces(text: str, width: int) -> Iterator[str]:
    """Yield a line in parts of at most so many cells; spaces stay as they are."""
    part, room = "", width
    for char in text:
        cells = cell_width(char)
        if cells > room:
            yield part
            part, room = "", width
        part += char
        room -= cells
    yield part
