"""Commands of the user's own: a line for a shell, here or in the sandbox, with what is known of the sandbox in it.

What a sandbox is called, and what stands in its labels, is hostile. It never becomes part of the line: the shell gets
it in variables, whose values it does not read again, and those that stand outside of quotes are put between some, so
that a blank or a star in a value is no blank and no star of the line.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from daytona_tui.domain.sandbox import Sandbox

NAMES = ("ID", "NAME", "STATE", "REGION", "SNAPSHOT")
"""Variables that every sandbox has."""

LABEL = "LABEL_"
"""What the variable of a label begins with; in its key, everything but letters, digits and _ becomes _."""

_VARIABLE = re.compile(
    r"\$(?:\{(?P<braced>[A-Za-z_][A-Za-z0-9_]*)(?P<end>[^A-Za-z0-9_])|(?P<bare>[A-Za-z_][A-Za-z0-9_]*))"
)
_BEFORE_WORDS = " \t\n;&|()"
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_]")
_NOT_IN_VALUES = re.compile("[\0\ud800-\udfff]")
"""No program can be given these."""


class Place(StrEnum):
    """Whose shell a line is for."""

    LOCAL = "local"
    REMOTE = "remote"


@dataclass(frozen=True, slots=True)
class CustomCommand:
    """One command of the settings file.

    Attributes:
        number: its place in the file, from 1.
        name: how it is called.
        line: for ``sh -c``.
        place: whose shell runs it.
        key: as the file has it; empty: none, the palette has it all the same.
        scope: in which pane the key holds: the name of the pane, or ``everywhere``.
        confirm: asks first.
        background: leaves the screen as it is, and tells at the end.
        on_marked: runs for each of the marked sandboxes; otherwise for the one under the cursor alone.
        only_reads: of a local one: is allowed where nothing may be changed.
        waits: in the foreground, what it wrote stays until a key is pressed.
        help: a sentence; empty: the line stands for it.
    """

    number: int
    name: str
    line: str
    place: Place = Place.LOCAL
    key: str = ""
    scope: str = "everywhere"
    confirm: bool = False
    background: bool = False
    on_marked: bool = False
    only_reads: bool = False
    waits: bool = True
    help: str = ""

    @property
    def id(self) -> str:
        """Tells it from every other command."""
        return f"custom-{self.number}"


def values_of(sandbox: Sandbox) -> dict[str, str]:
    """Return the variables of a sandbox. Of two labels with the same variable, the one that is spelled so has it."""
    values = {LABEL + _NOT_IN_NAMES.sub("_", key): value for key, value in sorted(sandbox.labels.items())}
    values |= {LABEL + key: value for key, value in sandbox.labels.items() if not _NOT_IN_NAMES.search(key)}
    values |= {
        "ID": sandbox.id,
        "NAME": sandbox.name,
        "STATE": sandbox.state_word or sandbox.state.value,
        "REGION": sandbox.region,
        "SNAPSHOT": sandbox.snapshot,
    }
    return {name: _NOT_IN_VALUES.sub("\N{REPLACEMENT CHARACTER}", value) for name, value in values.items()}


def needed(line: str) -> tuple[str, ...]:
    """Return the variables of a sandbox that ``line`` cannot do without: ``${LABEL_x:-none}`` can."""
    found = (match["bare"] or match["braced"] for _, match in _found(line) if match["bare"] or match["end"] == "}")
    return tuple(dict.fromkeys(name for name in found if _is_ours(name)))


def missing(line: str, sandbox: Sandbox) -> str:
    """Return why ``line`` cannot be run for a sandbox, in words; empty when it can."""
    there = values_of(sandbox)
    lacking = [name.removeprefix(LABEL) for name in needed(line) if name not in there]
    return f"it has no label {' and no label '.join(lacking)}" if lacking else ""


def quoted(line: str) -> str:
    """Return ``line`` with the variables of a sandbox between quotes wherever they are not."""
    parts, at = [], 0
    for is_bare, match in _found(line):
        name = match["bare"] or match["braced"]
        if is_bare and _is_ours(name) and (match["bare"] or match["end"] == "}"):
            parts += [line[at : match.start()], f'"${{{name}}}"']
            at = match.end()
    return "".join(parts) + line[at:]


def script(line: str, sandbox: Sandbox) -> str:
    """Return a text for a shell that does not know the sandbox: it sets what ``line`` mentions, and runs that."""
    values = values_of(sandbox)
    # Also those between quotes: without its value, ``rm -r $DIR/$NAME`` would mean something else.
    mentioned = {match["bare"] or match["braced"] for match in _VARIABLE.finditer(line)}
    settings = [f"export {name}={shlex.quote(values[name])}" for name in sorted(mentioned & values.keys())]
    return "; ".join([*settings, quoted(line)])


def environment(sandbox: Sandbox, usual: Mapping[str, str]) -> dict[str, str]:
    """Return the variables for a program on this machine, over the usual ones."""
    return {**usual, **values_of(sandbox)}


def _is_ours(name: str) -> bool:
    return name in NAMES or (name.startswith(LABEL) and name != LABEL)


def _found(line: str) -> Iterator[tuple[bool, re.Match[str]]]:
    """Yield the variables that a shell would replace in ``line``, and whether they are outside of quotes."""
    quote, at = "", 0
    while at < len(line):
        letter = line[at]
        if letter == "\\" and quote != "'":
            at += 2
            continue
        if letter == "#" and not quote and (not at or line[at - 1] in _BEFORE_WORDS):
            at = (line.find("\n", at) + 1) or len(line)
            continue
        if letter in "'\"" and (not quote or quote == letter):
            quote = "" if quote else letter
        elif letter == "$" and quote != "'" and (match := _VARIABLE.match(line, at)):
            yield not quote, match
            at = match.end("bare") if match["bare"] else match.end("braced") + (match["end"] == "}")
            continue
        at += 1
