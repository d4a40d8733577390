"""Looks at everything that a connection needs: the credential, the way, the server, the key, this machine.

No finding ever holds a key, and nothing here changes anything.
"""

from __future__ import annotations

from daytona_tui.operations.checkup.credential import credential_findings, settings_trouble
from daytona_tui.operations.checkup.hazards import hazard_findings
from daytona_tui.operations.checkup.programs import program_findings
from daytona_tui.operations.checkup.server import server_findings
from daytona_tui.operations.checkup.terminal import TerminalFacts, terminal_findings

__all__ = [
    "TerminalFacts",
    "credential_findings",
    "hazard_findings",
    "program_findings",
    "server_findings",
    "settings_trouble",
    "terminal_findings",
]
