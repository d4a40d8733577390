"""What is kept of acts without a screen, in the same files as those of the screen."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from daytona_tui.config.settings import Settings
    from daytona_tui.domain.transfers import TransferReport
    from daytona_tui.operations.journal import Entry, Journal
    from daytona_tui.operations.transferring import TransferOrder


def journal_of(settings: Settings, file_name: str) -> Journal:
    """Return the journal of this name of the connection that the settings name; asks no keyring for it."""
    from daytona_tui.config import paths
    from daytona_tui.config.connection import Secret
    from daytona_tui.operations.journal import Journal

    shape = settings.connection(Secret("unknown-yet")) if settings.keyring else settings.connection()
    return Journal(paths.profile_dir(shape.profile_id(settings.profile)) / file_name, profile=shape.label)


async def recorded(
    settings: Settings,
    order: TransferOrder,
    work: Awaitable[TransferReport],
    *,
    end_line: Callable[[], None],
    way_on: Callable[[], str],
) -> TransferReport:
    """Return what came of a transfer, and keep it in the history of transfers, however it ends.

    Args:
        settings: name the connection.
        order: what was asked for, with whole paths.
        work: the transfer.
        end_line: takes the line that tells of progress away.
        way_on: says how to go on after ctrl+c or SIGTERM; may look at the disk.

    Raises:
        DaytonaTuiError: whatever ``work`` raises.
    """
    from daytona_tui.cli import grammar, narration
    from daytona_tui.errors import DaytonaTuiError
    from daytona_tui.operations.transfer_history import FILE_NAME
    from daytona_tui.presentation.phrases import phrase
    from daytona_tui.presentation.transfers import report_line

    journal = journal_of(settings, FILE_NAME)
    try:
        report = await work
    except asyncio.CancelledError:
        end_line()
        said = grammar.common().way_on = way_on()
        if not grammar.common().clock.is_over:  # which is told with the same words
            narration.say(f"interrupted: {said}")
        journal.keep_now(_entry(order, None, "cancelled", f"interrupted: {said}"))
        raise
    except DaytonaTuiError as error:
        await journal.keep(_entry(order, None, "failed", phrase(error).detail))
        raise
    else:
        await journal.keep(_entry(order, report, "failed" if report.failed else "done", report_line(report)))
        return report
    finally:
        end_line()
        if trouble := journal.take_trouble():
            narration.say(trouble)


def _entry(order: TransferOrder, report: TransferReport | None, outcome: str, detail: str) -> Entry:
    from datetime import UTC, datetime

    from daytona_tui.operations.transfer_history import entry_of

    return entry_of(order, report, outcome, detail, datetime.now(UTC))
