"""What was run in each sandbox's console: transcript, history and the line being written."""

from __future__ import annotations

from dataclasses import dataclass, field

from daytona_tui.domain.loglines import Line, LineBuffer, LineKind
from daytona_tui.domain.sandbox import SandboxId

MAX_HISTORY = 500


@dataclass
class Console:
    """The console of one sandbox.

    Attributes:
        history: commands, oldest first, no two neighbours alike.
        draft: what stands in the input, unfinished.
        cwd: working directory of the next command; empty while it is not known.
        home: directory that is written ``~``.
        running: the command that runs; empty when none does.
    """

    transcript: LineBuffer = field(default_factory=LineBuffer)
    history: list[str] = field(default_factory=list)
    draft: str = ""
    cwd: str = ""
    home: str = ""
    running: str = ""

    def begin(self, command: str, where: str) -> None:
        """Write the prompt line and remember the command; ``where`` is the directory as it is shown."""
        self.running = command
        self.remember(command)
        self.transcript.append(Line(command, LineKind.PROMPT, where))

    def end(self, result: str, *, is_bad: bool) -> None:
        """Write how the command ended."""
        self.running = ""
        self.transcript.append(Line(result, LineKind.RESULT, "bad" if is_bad else ""))

    def say(self, text: str) -> None:
        """Write something that the sandbox did not."""
        self.transcript.append(Line(text, LineKind.NOTE))

    def remember(self, command: str) -> None:
        """Add a command to the history."""
        if not self.history or self.history[-1] != command:
            self.history.append(command)
            del self.history[:-MAX_HISTORY]


class ExecutionStore:
    """The consoles of the sandboxes in which something was run."""

    def __init__(self) -> None:
        self._consoles: dict[SandboxId, Console] = {}

    def console(self, sandbox_id: SandboxId) -> Console:
        """Return the console of a sandbox, a new one at first."""
        return self._consoles.setdefault(sandbox_id, Console())
