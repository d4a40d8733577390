"""How the sources of logs are called, in the list and in front of the lines of several."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from daytona_tui.domain.tree import tilde
from daytona_tui.operations.log_reader import Opened
from daytona_tui.operations.logs.source import Source, SourceKind
from daytona_tui.presentation.human import age, size
from daytona_tui.presentation.log_lines.source_rows import SourceRow, standing
from daytona_tui.presentation.safe_text import clip, clip_path, safe
from daytona_tui.presentation.tones import Cell, Tone

_TITLE_CHARS = 300
"""More of a title than any row shows; a command may be a whole program."""
LABEL_TONES = (Tone.ACCENT, Tone.GOOD, Tone.WARN, Tone.BUSY, Tone.STRONG, Tone.DIM)


def origin_of(source: Source) -> str:
    """Return what writes a log, in a word."""
    if source.kind is SourceKind.COMMAND:
        return "console" if source.is_ours else safe(source.session_id)
    return source.kind.value


def row_of(log: Opened, now: datetime, *, is_picked: bool, names_sandbox: bool) -> SourceRow:
    """Return a log as a row of the list.

    Args:
        log: live or kept.
        now: by which ages are told.
        is_picked: it is to be read with others.
        names_sandbox: the list has logs of several sandboxes.
    """
    source = log.source
    glyph, result = standing(source.is_running and not log.kept, source.exit_code)
    at = log.kept.read_at if log.kept else source.changed_at or source.started_at
    return SourceRow(
        id="\0".join(map(str, log.key)),
        glyph=Cell("▫", Tone.DIM) if log.kept else glyph,
        origin=safe(log.sandbox_name) if names_sandbox else origin_of(source),
        title=safe(source.title if source.kind is SourceKind.FILE else source.title[:_TITLE_CHARS]),
        age=age((now - at).total_seconds()) if at else "",
        size=size(source.size_bytes) if source.size_bytes is not None else "",
        result=result if source.kind is SourceKind.COMMAND else Cell("", Tone.FAINT),
        is_picked=is_picked,
    )


def labels_of(logs: Sequence[Opened]) -> tuple[Cell, ...]:
    """Return what stands in front of the lines of each of several logs; nothing for one."""
    if len(logs) < 2:
        return ()
    names = [safe(log.sandbox_name) for log in logs]
    if len(set(names)) == len(logs):
        labels = names
    else:
        origins = [origin_of(log.source) for log in logs]
        labels = origins if len(set(origins)) == len(logs) else [_short(log.source) for log in logs]
        if len(set(names)) > 1:
            labels = [f"{name}:{label}" for name, label in zip(names, labels, strict=True)]
    return tuple(Cell(label, LABEL_TONES[place % len(LABEL_TONES)]) for place, label in enumerate(labels))


def title_of(logs: Sequence[Opened], home: str = "") -> str:
    """Return how what is read is called; below ``home`` a file is below ``~``."""
    if len(logs) > 1:
        sandboxes = len({log.source.sandbox_id for log in logs})
        return f"{len(logs)} logs" + (f" of {sandboxes} sandboxes" if sandboxes > 1 else "")
    (log,) = logs
    name = safe(log.sandbox_name) if log.kept else origin_of(log.source)
    title = log.source.title
    if log.source.kind is SourceKind.FILE:
        return f"{clip(name, 20)} · {clip_path(safe(tilde(title, home)), 40)}"
    return f"{clip(name, 20)} · {clip(safe(title), 40)}"


def _short(source: Source) -> str:
    title = safe(source.title)
    return title.rpartition("/")[2] if source.kind is SourceKind.FILE else f"{origin_of(source)} {title}"
