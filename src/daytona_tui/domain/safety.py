"""Is a sandbox safe to delete? What was found in it, judged: a light, and the lines that explain it.

Pure. Deleting brings nothing back, so whatever could not be looked at, or is not known, is never safe.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from daytona_tui.domain.files import join_path
from daytona_tui.domain.inspection import ChangedFile, Terminal
from daytona_tui.domain.sandbox import Sandbox


class Light(StrEnum):
    """What deleting would do."""

    SAFE = "safe"
    """Nothing was found that would be lost."""
    CAREFUL = "careful"
    """Something is in use, may be wanted, or could not be looked at."""
    WOULD_LOSE = "would lose"
    """Work would be lost that is nowhere else."""


_RUNNING = frozenset({"run.command", "run.program", "run.terminal"})
_RANKS = (Light.SAFE, Light.CAREFUL, Light.WOULD_LOSE)


@dataclass(frozen=True, slots=True)
class Repository:
    """A git repository in the sandbox.

    Attributes:
        path: its working tree: hostile text.
        stores: directories in which its commits lie, absolute: its own, and those it borrows from.
        branch: that is checked out: hostile text; empty for none.
        changed: files that are not committed, repositories within it left out.
        unpushed: commits of its branches that no remote is known to have; None: unknown.
        stashes: what was put aside with ``git stash``; None: unknown.
        mark: another one when anything where its commits lie is another; empty: unknown.
    """

    path: str
    stores: tuple[str, ...] = ()
    branch: str = ""
    changed: tuple[ChangedFile, ...] = ()
    unpushed: int | None = None
    stashes: int | None = None
    mark: str = ""

    @property
    def loses(self) -> bool:
        """True when it holds work that is nowhere else, or may: what is unknown counts."""
        return bool(self.changed) or self.unpushed != 0 or self.stashes != 0


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file that no repository keeps, written since the sandbox was created.

    Attributes:
        path: absolute: hostile text.
        is_late: written after the last activity, so by a program that nobody has talked to since.
    """

    path: str
    size_bytes: int
    modified_at: datetime
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found in and about a sandbox. All texts may be hostile.

    Attributes:
        commands: that run in sessions.
        programs: that run besides, without shells and others that only wait.
        files: that no repository keeps.
        written: every file that was seen, with its size and when it was written: of two looks it tells what changed.
        forks: names of the sandboxes that were forked from it.
        volumes: that are mounted in it; they outlive it.
        kept: why somebody wants it kept, in words; empty where nobody is known to.
        unseen: what could not be looked at and why, a sentence each.
        is_looked_into: its files were looked at.
    """

    repositories: tuple[Repository, ...] = ()
    commands: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    terminals: tuple[Terminal, ...] = ()
    ports: tuple[int, ...] = ()
    files: tuple[FoundFile, ...] = ()
    written: frozenset[tuple[str, int, datetime]] = frozenset()
    forks: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    kept: str = ""
    is_looked_into: bool = True


@dataclass(frozen=True, slots=True)
class SafetyLine:
    """One thing that was found.

    Attributes:
        code: stable name of the kind of thing.
        light: how much it speaks against deleting.
        text: what it is, with its numbers: hostile text.
        items: what belongs to it, one each: hostile texts.
    """

    code: str
    light: Light
    text: str
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SafetyReport:
    """What deleting a sandbox would mean.

    Attributes:
        sandbox: as it was when it was looked at.
        at: when that was.
        work_dir: absolute path of its working directory; empty where it could not be asked.
    """

    sandbox: Sandbox
    at: datetime
    findings: Findings
    work_dir: str = ""

    @property
    def light(self) -> Light:
        """What deleting would do: the worst of the lines."""
        return max((line.light for line in self.lines), key=_RANKS.index, default=Light.SAFE)

    @property
    def lines(self) -> tuple[SafetyLine, ...]:
        """What was found, the worst first; paths below the working directory begin there."""
        return tuple(sorted(_lines(self.findings, self.work_dir), key=lambda line: -_RANKS.index(line.light)))

    @property
    def running(self) -> tuple[SafetyLine, ...]:
        """What goes on in it and would end: nothing of that can be copied."""
        return tuple(line for line in self.lines if line.code in _RUNNING)

    @property
    def stores(self) -> tuple[str, ...]:
        """Directories with the commits of repositories that would lose something."""
        each = (store for repository in self.findings.repositories if repository.loses for store in repository.stores)
        return tuple(dict.fromkeys(each))

    @property
    def files(self) -> tuple[str, ...]:
        """Paths of the files that would be lost and are in no such directory."""
        paths = [
            join_path(repository.path, changed.name.rstrip("/"))
            for repository in self.findings.repositories
            for changed in repository.changed
            if not changed.is_deleted
        ]
        return tuple(dict.fromkeys([*paths, *(found.path for found in self.findings.files)]))

    @property
    def has_something_to_rescue(self) -> bool:
        """True when there is anything to copy before it is deleted."""
        return bool(self.stores or self.files)


def _lines(findings: Findings, work_dir: str) -> Iterator[SafetyLine]:
    if findings.kept:
        yield SafetyLine("keep", Light.CAREFUL, f"it is to be kept: {findings.kept}")
    for repository in findings.repositories:
        yield from _repository_lines(repository, _short(repository.path, work_dir))
    yield from _file_lines(findings, work_dir)
    running = (
        ("run.command", findings.commands, "command runs in a session", "commands run in sessions"),
        ("run.program", findings.programs, "other program runs", "other programs run"),
        ("run.terminal", tuple(map(_terminal, findings.terminals)), "terminal is open", "terminals are open"),
        ("run.port", tuple(map(str, findings.ports)), "port is listened on", "ports are listened on"),
        ("has.fork", findings.forks, "sandbox was forked from it: Daytona refuses to delete it while that exists",
         "sandboxes were forked from it: Daytona refuses to delete it while they exist"),
    )  # fmt: skip
    for code, items, one, many in running:
        if items:
            yield SafetyLine(code, Light.CAREFUL, counted(len(items), one, many), items)
    if findings.volumes:
        text = counted(len(findings.volumes), "volume is mounted: it stays", "volumes are mounted: they stay")
        yield SafetyLine("has.volume", Light.SAFE, text, findings.volumes)
    for sentence in findings.unseen:
        yield SafetyLine("unseen", Light.CAREFUL, sentence)


def _repository_lines(repository: Repository, path: str) -> Iterator[SafetyLine]:
    where = f"in {path}" + (f" ({repository.branch})" if repository.branch else "")
    names = tuple(f"{each.name} (deleted)" if each.is_deleted else each.name for each in repository.changed)
    if names:
        text = counted(len(names), "file is not committed", "files are not committed")
        yield SafetyLine("git.changed", Light.WOULD_LOSE, f"{text} {where}", names)
    if repository.unpushed:
        text = counted(repository.unpushed, "commit is not pushed", "commits are not pushed")
        yield SafetyLine("git.unpushed", Light.WOULD_LOSE, f"{text} {where}")
    if repository.stashes:
        text = counted(repository.stashes, "stash", "stashes")
        yield SafetyLine("git.stash", Light.WOULD_LOSE, f"{text} {where}")
    if repository.unpushed is None or repository.stashes is None:
        yield SafetyLine("git.unknown", Light.CAREFUL, f"nobody can tell what is not pushed {where}")


def _file_lines(findings: Findings, work_dir: str) -> Iterator[SafetyLine]:
    late = tuple(_short(found.path, work_dir) for found in findings.files if found.is_late)
    others = tuple(_short(found.path, work_dir) for found in findings.files if not found.is_late)
    if late:
        text = counted(len(late), "file in no repository is", "files in no repository are")
        yield SafetyLine("files.late", Light.WOULD_LOSE, f"{text} newer than the last activity", late)
    if others:
        text = counted(len(others), "file of its own is", "files of its own are")
        yield SafetyLine("files.own", Light.CAREFUL, f"{text} in no repository", others)


def _short(path: str, work_dir: str) -> str:
    """Return ``path`` as seen from the working directory; as it is where it lies elsewhere."""
    below = f"{work_dir.rstrip('/')}/"
    return path[len(below) :] if work_dir and path.startswith(below) else path


def _terminal(terminal: Terminal) -> str:
    where = f" in {terminal.cwd}" if terminal.cwd else ""
    return f"{terminal.id}{where}" + ("" if terminal.is_active else " (not in use)")


def counted(number: int, one: str, many: str) -> str:
    """Return a number with what it counts."""
    return f"{number:,} {one if number == 1 else many}"
