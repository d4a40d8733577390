"""Ports and links of a sandbox as lines of cells."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from daytona_tui.domain.previews import Listener, PreviewLink, SignedLink
from daytona_tui.presentation.human import age
from daytona_tui.presentation.safe_text import safe
from daytona_tui.presentation.tones import Cell, Tone


@dataclass(frozen=True, slots=True)
class PortRow:
    """A line: a port, or a signed link to it.

    Attributes:
        key: tells it from the others.
        port: its number.
        is_listening: a program listens there now.
        signed: the link that the line is about; None for the port itself.
    """

    key: str
    port: int
    is_listening: bool
    program: str = ""
    url: str = ""
    signed: SignedLink | None = None


def port_rows(
    listeners: Sequence[Listener],
    asked: Collection[int],
    links: Mapping[int, PreviewLink],
    signed: Sequence[SignedLink],
) -> tuple[PortRow, ...]:
    """Return the lines: each port with its signed links below.

    Args:
        listeners: what listens.
        asked: ports that somebody named.
        links: those that were read.
        signed: those that this run made.
    """
    heard = {each.port: each for each in listeners}

    def rows() -> Iterator[PortRow]:
        for port in sorted({*heard, *asked, *(link.port for link in signed)}):
            url = links[port].url if port in links else ""
            program = heard[port].program if port in heard else ""
            yield PortRow(f"port:{port}", port, port in heard, program, url)
            own = (link for link in signed if link.port == port)
            for number, link in enumerate(own):
                yield PortRow(f"signed:{port}:{link.expires_at.timestamp()}:{number}", port, port in heard, signed=link)

    return tuple(rows())


def port_cells(row: PortRow, now: datetime) -> tuple[Cell, ...]:
    """Return mark, port, program, and link; of a signed link when it expires, for its address is a secret."""
    if row.signed is not None:
        left = (row.signed.expires_at - now).total_seconds()
        until = f"{row.signed.expires_at.astimezone():%H:%M}"
        return (
            Cell(""),
            Cell("", Tone.DIM),
            Cell("signed link", Tone.ACCENT),
            Cell(f"until {until}, {age(left)} left", Tone.DIM),
        )
    return (
        Cell("●", Tone.GOOD) if row.is_listening else Cell("○", Tone.FAINT),
        Cell(str(row.port), Tone.STRONG if row.is_listening else Tone.DIM),
        Cell(safe(row.program) or "a program", Tone.NEUTRAL)
        if row.is_listening
        else Cell("nothing listens", Tone.FAINT),
        Cell(safe(row.url), Tone.DIM, is_name=True),
    )


def openness(*, is_public: bool) -> Cell:
    """Return who may follow the links of a sandbox."""
    if is_public:
        return Cell("public: anybody may follow its links", Tone.WARN)
    return Cell("private: its links ask for a login", Tone.DIM)


def port_about(row: PortRow) -> str:
    """Return all that is known of a line, safe; of a signed link what it does, for its address is a secret."""
    if row.signed is not None:
        return f"opens port {row.port} by itself, for whoever has it"
    return " · ".join(part for part in (safe(row.url), safe(row.program)) if part)
