"""How the log that is read is called."""

from __future__ import annotations

from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.operations.log_reader import Opened
from daytona_tui.operations.logs.source import Source, SourceKind
from daytona_tui.ui.panes.logs_sources import title_of


def opened(kind: SourceKind, title: str) -> tuple[Opened, ...]:
    return (Opened("scratch", Source(kind, SandboxId("one"), title, title)),)


def test_a_file_below_the_home_is_called_as_in_a_shell() -> None:
    log = opened(SourceKind.FILE, "/srv/homes/one/app.log")
    assert title_of(log, "/srv/homes/one").endswith(" · ~/app.log")
    assert title_of(log, "/srv/homes/on").endswith(" · /srv/homes/one/app.log")
    assert title_of(log).endswith(" · /srv/homes/one/app.log")


def test_a_long_path_keeps_its_end_and_hostile_ones_are_shown_safely() -> None:
    deep = "/home/daytona/" + "deep/" * 20 + "app.log"
    assert title_of(opened(SourceKind.FILE, deep), "/home/daytona").endswith("/app.log")
    assert "\x1b" not in title_of(opened(SourceKind.FILE, "/home/daytona/\x1b[2J"), "/home/daytona")


def test_a_command_is_no_path() -> None:
    assert title_of(opened(SourceKind.COMMAND, "/home/daytona/run"), "/home/daytona").endswith("/home/daytona/run")
