"""Dockerfiles as far as the emulator builds them: one stage from a known base, and steps that need no image.

Understood are FROM, RUN, ENV, ARG, WORKDIR, USER, LABEL, ENTRYPOINT, CMD, EXPOSE, SHELL, STOPSIGNAL, MAINTAINER,
HEALTHCHECK, VOLUME, COPY and ADD of files of the context, continued lines, comments, the JSON form, and ``$NAME``,
``${NAME}``, ``${NAME:-word}`` and ``${NAME:+word}`` where Docker replaces them. The syntax is that of Docker's
reference.
"""

from __future__ import annotations

import json
import posixpath
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from daytona_tui.emulator.body.bubblewrap import HOME
from daytona_tui.emulator.workshop.copies import Copy, CopyError, copy_of, flags_of

KNOWN_BASES = ("buildpack-deps", "daytonaio/sandbox", "debian", "node", "python", "ubuntu")
"""Images, with any tag, that a build may begin with: all of them are this machine's programs."""

MOST_STEPS = 1000

_INSTRUCTION = re.compile(r"^\s*([A-Za-z]+)(?:\s+(.*))?$", re.DOTALL)
_VARIABLE = re.compile(r"\\(.)|\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)(?::([-+])([^{}]*))?\})")
_QUOTED = re.compile(r"""\\.|"(?:\\.|[^"\\])*"|'[^']*'""", re.DOTALL)
_IMAGE = re.compile(r"^[\w.\-/:]+(@sha256:[0-9a-f]{64})?$", re.ASCII)
_SILENT = frozenset({"LABEL", "EXPOSE", "STOPSIGNAL", "MAINTAINER", "HEALTHCHECK", "VOLUME", "USER"})

_SLIM = (
    "apt-get update",
    "apt-get install -y gcc gfortran build-essential",
    "pip install --upgrade pip",
    "echo 'debconf debconf/frontend select Noninteractive' | debconf-set-selections",
)
"""What the SDK's ``Image.debian_slim`` begins with; the machine's programs stand for what it would install."""


class DockerfileError(ValueError):
    """A Dockerfile that cannot be built here; the message says why, for a person."""


@dataclass(frozen=True, slots=True)
class Step:
    """One instruction after FROM.

    Attributes:
        text: it, on one line, for the log.
        argv: of a RUN: the program to run; empty for the others.
        env: variables of that program.
        cwd: its directory; for a WORKDIR, the directory to make.
        note: why a RUN is left out; empty when it is not.
        copy: of a COPY or an ADD: what it copies; None for the others.
    """

    text: str
    argv: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    cwd: str = ""
    note: str = ""
    copy: Copy | None = None


@dataclass(frozen=True, slots=True)
class Dockerfile:
    """What a Dockerfile asks for.

    Attributes:
        base: the image it begins with.
        steps: the instructions after that, in order.
        env: variables that programs of the finished sandbox have.
        workdir: where they begin; empty for the home.
        workdirs: every directory that a WORKDIR names, or that files are copied to.
        entrypoint: ENTRYPOINT and CMD, as they would be run; empty when there is neither.
    """

    base: str
    steps: tuple[Step, ...]
    env: Mapping[str, str]
    workdir: str
    workdirs: tuple[str, ...]
    entrypoint: tuple[str, ...]


def parse(text: str, env: Mapping[str, str] | None = None) -> Dockerfile:
    """Return what a Dockerfile asks for.

    Args:
        text: its content.
        env: variables of the base, such as ``PATH``.

    Raises:
        DockerfileError: it has a mistake, or an instruction that cannot be followed here.
    """
    reader = _Reader(dict(env or {}))
    for number, (name, rest) in enumerate(_instructions(text)):
        if number > MOST_STEPS:
            raise DockerfileError(f"a Dockerfile has {MOST_STEPS} instructions at most")
        reader.read(name, rest)
    return reader.finished()


def check_base(image: str) -> None:
    """Let a build begin with ``image``.

    Raises:
        DockerfileError: it is none of the known ones.
    """
    name = image.partition("@")[0].removeprefix("docker.io/").removeprefix("library/")
    head, slash, last = name.rpartition("/")
    if head + slash + last.partition(":")[0] not in KNOWN_BASES:
        known = ", ".join(KNOWN_BASES)
        raise DockerfileError(f"image {image} not found: the emulator builds from {known}, with any tag")


class _Reader:
    """Follows the instructions, one after the other."""

    def __init__(self, base_env: dict[str, str]) -> None:
        self._base_env = base_env
        self._env: dict[str, str] = {}
        self._args: dict[str, str] = {}
        self._base = ""
        self._steps: list[Step] = []
        self._workdirs: list[str] = []
        self._places: list[str] = []
        self._shell: tuple[str, ...] = ("/bin/sh", "-c")
        self._entrypoint: tuple[str, ...] = ()
        self._command: tuple[str, ...] = ()

    def read(self, name: str, rest: str) -> None:
        """Follow one instruction."""
        if not self._base and name not in {"FROM", "ARG"}:
            raise DockerfileError(f"a Dockerfile begins with FROM, not with {name}")
        if name in _SILENT:
            self._note(name, rest)
            return
        follow = {
            "FROM": self._from,
            "ARG": self._arg,
            "ENV": self._env_of,
            "WORKDIR": self._workdir,
            "RUN": self._run,
            "SHELL": self._shell_of,
            "ENTRYPOINT": self._entrypoint_of,
            "CMD": self._cmd,
            "COPY": self._files,
            "ADD": self._files,
        }.get(name)
        if follow is None:
            raise DockerfileError(f"unknown instruction: {name}")
        follow(name, rest)

    def finished(self) -> Dockerfile:
        """Return the whole."""
        if not self._base:
            raise DockerfileError("a Dockerfile begins with FROM; this one has none")
        workdir = self._workdirs[-1] if self._workdirs else ""
        entrypoint = (*self._entrypoint, *self._command)
        places = tuple(dict.fromkeys([*self._workdirs, *self._places]))
        return Dockerfile(self._base, tuple(self._steps), self._env, workdir, places, entrypoint)

    def _from(self, _name: str, rest: str) -> None:
        if self._base:
            raise DockerfileError("the emulator builds Dockerfiles of one stage; this one has several")
        words = [word for word in rest.split() if not word.startswith("--")]
        is_named = len(words) == 3 and words[1].upper() == "AS"
        if not words or not (len(words) == 1 or is_named):
            raise DockerfileError(f"FROM requires one image: FROM {rest}")
        image = self._replaced(words[0])
        if not _IMAGE.match(image):
            raise DockerfileError(f"invalid reference format: {image!r}")
        self._base, self._args = image, {}

    def _arg(self, name: str, rest: str) -> None:
        for word in _words(rest):
            key, has_value, value = word.partition("=")
            if has_value:
                self._args[key] = self._replaced(value)
        if self._base:
            self._note(name, rest)

    def _env_of(self, name: str, rest: str) -> None:
        first = rest.split(None, 1)
        if first and "=" not in first[0]:
            if len(first) == 1:
                raise DockerfileError(f"ENV must have two arguments: ENV {rest}")
            pairs = [(first[0], first[1])]
        else:
            pairs = [(key, value) for key, _, value in (word.partition("=") for word in _words(rest))]
        known = self._variables()
        for key, value in pairs:
            if not key or "\0" in key + value:
                raise DockerfileError(f"ENV names no variable: ENV {rest}")
            self._env[key] = _replace(value, known)
        self._note(name, rest)

    def _workdir(self, name: str, rest: str) -> None:
        path = self._replaced(" ".join(_words(rest)))
        if not path or "\0" in path:
            raise DockerfileError("WORKDIR requires one argument")
        before = self._workdirs[-1] if self._workdirs else HOME
        self._workdirs.append(posixpath.normpath(posixpath.join(before, path)).replace("//", "/"))
        self._steps.append(Step(f"{name} {path}", cwd=self._workdirs[-1]))

    def _run(self, name: str, rest: str) -> None:
        command = rest
        while command.startswith("--"):
            option, _, command = command.partition(" ")
            if option.startswith(("--mount", "--security")):
                raise DockerfileError(f"the emulator's RUN has no {option.partition('=')[0]}")
            command = command.strip()
        if not command:
            raise DockerfileError("RUN requires a command")
        if command.startswith("<<"):
            raise DockerfileError("the emulator's RUN takes no here-document")
        argv = _json(command) or (*self._shell, command)
        is_given = command in _SLIM and self._base.startswith("python:")
        self._steps.append(
            Step(
                f"{name} {' '.join(rest.split())}",
                argv=argv,
                env={**self._args, **self._env},
                cwd=self._workdirs[-1] if self._workdirs else "",
                note="left out: the machine's own programs stand for it" if is_given else "",
            )
        )

    def _shell_of(self, name: str, rest: str) -> None:
        shell = _json(rest)
        if not shell:
            raise DockerfileError("SHELL requires the arguments in JSON form")
        self._shell = shell
        self._note(name, rest)

    def _entrypoint_of(self, name: str, rest: str) -> None:
        self._entrypoint, self._command = _json(rest) or (*self._shell, rest), ()
        self._note(name, rest)

    def _cmd(self, name: str, rest: str) -> None:
        self._command = _json(rest) or (*self._shell, rest)
        self._note(name, rest)

    def _files(self, name: str, rest: str) -> None:
        workdir = self._workdirs[-1] if self._workdirs else ""
        try:
            mode, said = flags_of(name, self._replaced(rest) if rest.startswith("--") else rest)
            words = [self._replaced(word) for word in _json(said) or _words(said)]
            copy = copy_of(name, words, mode, workdir, [*self._workdirs, *self._places])
        except CopyError as error:
            raise DockerfileError(str(error)) from None
        if copy.place:
            self._places.append(copy.place)
        self._steps.append(Step(f"{name} {' '.join(rest.split())}", copy=copy))

    def _note(self, name: str, rest: str) -> None:
        self._steps.append(Step(f"{name} {' '.join(rest.split())}"))

    def _variables(self) -> dict[str, str]:
        return {**self._base_env, **self._args, **self._env}

    def _replaced(self, text: str) -> str:
        return _replace(text, self._variables())


def _instructions(text: str) -> Iterator[tuple[str, str]]:
    """Yield name and rest of each instruction, continued lines joined."""
    pending = ""
    for line in text.splitlines():
        if line.lstrip().startswith("#") or (pending and not line.strip()):
            continue
        if line.rstrip().endswith("\\"):
            pending += line.rstrip()[:-1] + " "
            continue
        whole, pending = pending + line, ""
        if whole.strip():
            yield _instruction(whole)
    if pending.strip():
        yield _instruction(pending)


def _instruction(line: str) -> tuple[str, str]:
    found = _INSTRUCTION.match(line)
    if found is None:
        raise DockerfileError(f"unknown instruction: {line.split(maxsplit=1)[0][:80]}")
    return found[1].upper(), (found[2] or "").strip()


def _words(text: str) -> list[str]:
    """Split as a shell does; a dollar that must stay one is escaped in the words."""
    try:
        return shlex.split(_QUOTED.sub(lambda found: _kept(found[0]), text))
    except ValueError as error:
        raise DockerfileError(f"{error} in: {text}") from error


def _kept(part: str) -> str:
    if part.startswith("'"):
        return part.replace("$", r"\$")
    return r"\\\$" if part == r"\$" else part


def _json(text: str) -> tuple[str, ...]:
    """Return the words of the JSON form; none when it is not that form."""
    if not text.startswith("["):
        return ()
    try:
        words = json.loads(text)
    except ValueError:
        return ()
    is_form = isinstance(words, list) and words and all(isinstance(word, str) and "\0" not in word for word in words)
    return tuple(words) if is_form else ()


def _replace(text: str, variables: Mapping[str, str]) -> str:
    def value(found: re.Match[str]) -> str:
        if found[1] is not None:
            return found[1] if found[1] == "$" else found[0]
        given = variables.get(found[2] or found[3] or "", "")
        if found[4] == "-":
            return given or found[5]
        if found[4] == "+":
            return found[5] if given else ""
        return given

    return _VARIABLE.sub(value, text)
