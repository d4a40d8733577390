"""Whether a sandbox may be started for something and put back afterwards, as the panes say it."""

from __future__ import annotations

from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.operations.waking import waking_refusal
from daytona_tui.presentation.cells import state_word
from daytona_tui.ui.services import Services


def refusal_to_wake(services: Services, sandbox: Sandbox) -> str:
    """Return why one that does not run cannot be started for something; empty when it can."""
    if reason := services.read_only or waking_refusal(sandbox):
        return f"{state_word(sandbox)}, and it cannot be started for it: {reason}"
    return ""
