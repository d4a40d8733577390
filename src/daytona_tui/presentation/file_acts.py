"""Words for changes to files: what they are about, and what is asked before a delete."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

from daytona_tui.domain.file_acts import Below
from daytona_tui.domain.files import FileEntry
from daytona_tui.domain.masking import masked
from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.presentation.human import size
from daytona_tui.presentation.questions import Question
from daytona_tui.presentation.safe_text import clip, safe

MOST_LINES = 50
"""Entries that a question names; of more, the number is told."""
MANY = 1000
"""From so many files on their number is to be typed before they are deleted."""


def several(entries: Sequence[FileEntry]) -> str:
    """Return what an act is about, in a few safe words: the name of the one entry, or how many they are."""
    return clip(safe(entries[0].name), 40) if len(entries) == 1 else f"{len(entries)} entries"


def equivalent_line(command: str, *paths: str) -> str:
    """Return a line for the sandbox's shell that does the same."""
    line = masked(f"{command} -- {' '.join(map(shlex.quote, paths))}")
    return line if len(line) <= 1500 else line[:1499] + "…"


def delete_question(sandbox: Sandbox, entries: Sequence[FileEntry], below: Mapping[str, Below | None]) -> Question:
    """Return what to ask before entries are deleted.

    Args:
        sandbox: whose they are.
        entries: what is to go; none lies in another.
        below: by path how much is in a directory; None where that could not be found out.
    """
    files = sum(not entry.is_dir for entry in entries) + sum(each.files for each in below.values() if each)
    is_known = all(below.get(entry.path) for entry in entries if entry.is_dir)
    directories = sum(each.directories for each in below.values() if each)
    lines = [_line(entry, below.get(entry.path)) for entry in entries[:MOST_LINES]]
    if len(entries) > MOST_LINES:
        lines.append(f"and {len(entries) - MOST_LINES:,} more")
    effect = ""
    if any(entry.is_dir for entry in entries):
        counted = (
            f"{files:,} file{'' if files == 1 else 's'} in {directories:,} director{'y' if directories == 1 else 'ies'}"
        )
        effect = counted if is_known else f"at least {counted}: not everything could be counted"
    typed = str(files) if is_known and files >= MANY else ""
    return Question(
        f"Delete {several(entries)} in {clip(safe(sandbox.name), 40)}?",
        tuple(lines),
        "Nothing brings it back.",
        "Delete",
        typed=typed,
        effect=effect,
    )


def _line(entry: FileEntry, below: Below | None) -> str:
    path = safe(entry.path)
    if entry.is_link:
        return f"{path}  the link itself"
    if not entry.is_dir:
        return f"{path}  {size(entry.size_bytes)}"
    if below is None:
        return f"{path}/  with all that is in it"
    return f"{path}/  {below.files:,} file{'' if below.files == 1 else 's'}, {size(below.size_bytes)}"
