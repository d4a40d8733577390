"""What is said to ``run-once``, checked, and what came of it so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from daytona_tui.cli import git_login
from daytona_tui.cli.remote_output import RemoteOutput
from daytona_tui.domain.executions import Stream

if TYPE_CHECKING:
    from daytona_tui.domain.sandbox import Sandbox
    from daytona_tui.operations.git_clone import Cloned, Wanted

TIMEOUT_S = 3600
_SOURCES = ("snapshot", "image", "dockerfile", "base", "debian_slim", "python", "pip")
_SIZES = ("cpu", "memory", "disk", "gpu")
_IMAGES = {"python": "python:3.12-slim", "javascript": "node:22-slim", "typescript": "node:22-slim"}
"""What a sandbox begins as that is given a size and nothing else, by the language of its code."""
OF_CREATE = (
    *("label", "language"), *_SOURCES, *("context", "context_secrets"), *_SIZES, *("gpu_type", "env", "secret"),
    *("volume", "block_network", "allow_network", "allow_domain", "upload", "target"),
)  # fmt: skip
"""Fields of a new sandbox that can be said; the others say how it lives on, which it does not."""


@dataclass
class Told:
    """What came of it so far; see ``as_object``."""

    sandbox: Sandbox | None = None
    exit_code: int | None = None
    is_late: bool = False
    output: str = ""
    stderr: str = ""
    repository: Cloned | None = None
    previews: list[tuple[int, str]] = field(default_factory=list)
    is_deleted: bool = False
    is_kept: bool = False


class What:
    """What the command line says, checked."""

    def __init__(self, words: tuple[str, ...], timeout_s: int, said: dict[str, Any]) -> None:
        from daytona_tui.cli.trouble import Refusal
        from daytona_tui.domain.git_address import address_of
        from daytona_tui.operations.execute import command_line
        from daytona_tui.operations.git_clone import Wanted

        works = [name for name in ("command", "code", "code_file") if said[name]] + (["--"] if words else [])
        if len(works) > 1:
            raise Refusal("usage", "--command, --code, --code-file and words after -- are several programs",
                          hint="say one of them")  # fmt: skip
        if not works and not said["repo"] and not said["preview"]:
            raise Refusal("usage", "there is nothing to run", hint="say --command, --code, --repo, or words after --")
        self.login = git_login.said(said)
        git_login.warn_of_login(said["repo"])
        self.command = said["command"] or (command_line(list(words)) if words else "")
        self.code, self.code_file = said["code"], said["code_file"]
        self.timeout_s = timeout_s
        self.previews: tuple[int, ...] = said["preview"]
        self.keeps: bool = said["keep"]
        self.is_quiet: bool = said["quiet"]
        self.cwd: str = said["cwd"]
        self.repo: Wanted | None = None
        if said["repo"]:
            self.repo = Wanted(address_of(said["repo"]), "", said["branch"], said["commit"], said["depth"])
        self.values = {key: said[key] for key in OF_CREATE if said.get(key)}
        if not any(key in self.values for key in _SOURCES) and any(key in self.values for key in _SIZES):
            self.values["image"] = _IMAGES.get(self.language, _IMAGES["python"])  # a size is an image's

    @property
    def language(self) -> str:
        """In which the code is, where that is said or the name of its file tells."""
        from pathlib import Path

        from daytona_tui.cli.subcommands.run_code import SUFFIXES

        return str(self.values.get("language") or SUFFIXES.get(Path(self.code_file).suffix.lower(), "") or "python")


class Kept(RemoteOutput):
    """Keeps the output for the object at the end."""

    def __init__(self, told: Told) -> None:
        super().__init__()
        self._told = told

    def write(self, stream: Stream, text: str) -> None:
        """Keep ``text``."""
        if stream is Stream.STDOUT:
            self._told.output += text
        else:
            self._told.stderr += text
