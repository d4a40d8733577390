"""Dockerfiles as far as their text alone tells: whether they can begin, and which files of this machine they want."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

_FROM = re.compile(r"\s*(ARG|FROM)\s", re.IGNORECASE)
_COPIES = re.compile(r"\s*(COPY|ADD)\s+(.*)", re.IGNORECASE | re.DOTALL)
_FLAG = re.compile(r"--([a-z-]+)(?:=(\S*))?\s*", re.IGNORECASE)
_REMOTE = re.compile(r"(?:https?|git|ssh)://|git@", re.IGNORECASE)
_TAKES_HEREDOC = re.compile(r"\s*(RUN|COPY|ADD)\s", re.IGNORECASE)
_HEREDOC = re.compile(r"<<-?\s*[\"']?(\w+)[\"']?")


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file that a step copies out of the directory of the build.

    Attributes:
        line: number of the line in which the step begins, from 1 on.
        path: as it is written there.
    """

    line: int
    path: str


def problem_with(text: str) -> str:
    """Return why ``text`` cannot be a Dockerfile, in words; empty if it may be one."""
    for number, line in _instructions(text):
        if not _FROM.match(line):
            return f"line {number}: a Dockerfile begins with FROM"
        if line.split(maxsplit=1)[0].upper() == "FROM":
            return ""
    return "there is no FROM: a Dockerfile begins with the image that it builds on"


def local_files(text: str) -> tuple[LocalFile, ...]:
    """Return the files of this machine that ``COPY`` and ``ADD`` name; those of other stages and addresses are none."""
    return tuple(LocalFile(number, path) for number, line in _instructions(text) for path in _sources(line))


def _sources(line: str) -> list[str]:
    found = _COPIES.match(line)
    if found is None:
        return []
    rest = found[2]
    while flag := _FLAG.match(rest):
        if flag[1].lower() == "from":
            return []
        rest = rest[flag.end() :]
    sources = _words(rest)[:-1]
    return [word for word in sources if not _REMOTE.match(word) and not _HEREDOC.match(word)]


def _words(text: str) -> list[str]:
    text = text.strip()
    if text.startswith("["):
        try:
            told = json.loads(text)
        except ValueError:
            return text.split()
        return [str(word) for word in told] if isinstance(told, list) else []
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()


def _instructions(text: str) -> Iterator[tuple[int, str]]:
    """Yield each instruction on one line with the number of its first; comments and here-documents are left out."""
    lines = iter(enumerate(text.splitlines(), 1))
    for number, line in lines:
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        whole = line
        while whole.rstrip().endswith("\\"):
            whole = whole.rstrip()[:-1]
            more = next((text for _, text in lines if text.strip() and not text.lstrip().startswith("#")), None)
            if more is None:
                break
            whole += " " + more
        yield number, whole
        for mark in _HEREDOC.findall(whole) if _TAKES_HEREDOC.match(whole) else ():
            next((inner for _, inner in lines if inner.strip() == mark), None)
