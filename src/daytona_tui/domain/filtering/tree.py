"""A filter once it is understood: terms, joined by and, or, not. Values only; equal trees mean the same."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

Glob = tuple[str, ...]
"""The literal parts between the stars of a pattern: ``a*b`` is ``("a", "b")``, ``a*`` is ``("a", "")``."""


class Relation(StrEnum):
    """How a number stands to another."""

    LESS = "<"
    AT_MOST = "<="
    EQUAL = "="
    AT_LEAST = ">="
    MORE = ">"


@dataclass(frozen=True, slots=True)
class Word:
    """Some text of the sandbox contains this."""

    glob: Glob


@dataclass(frozen=True, slots=True)
class Match:
    """The text behind a key is one of these as a whole, or contains one of them."""

    key: str
    globs: tuple[Glob, ...]
    contains: bool = False


@dataclass(frozen=True, slots=True)
class Label:
    """Some label has this name and, unless any will do, one of these values."""

    name: Glob
    globs: tuple[Glob, ...] = ()
    contains: bool = False


@dataclass(frozen=True, slots=True)
class Compare:
    """The number behind a key stands so to this one: plain, GiB, dollars a day or seconds, as the key has it."""

    key: str
    relation: Relation
    number: float


@dataclass(frozen=True, slots=True)
class Special:
    """What is behind a key is not an ordinary value: ``off``, ``none``, ``unknown``."""

    key: str
    word: str


@dataclass(frozen=True, slots=True)
class Flag:
    """The sandbox is this."""

    name: str


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite. What is not known stays so."""

    node: Node


@dataclass(frozen=True, slots=True)
class All:
    """Every one of two or more; see ``every``."""

    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """At least one of two or more; see ``some``."""

    nodes: tuple[Node, ...]


Leaf = Word | Match | Label | Compare | Special | Flag
Node = Leaf | Not | All | Some


def every(nodes: Iterable[Node]) -> Node:
    """Return the node that says all of ``nodes``, of which there is at least one."""
    flat = [part for node in nodes for part in (node.nodes if isinstance(node, All) else (node,))]
    return flat[0] if len(flat) == 1 else All(tuple(flat))


def some(nodes: Iterable[Node]) -> Node:
    """Return the node that says at least one of ``nodes``, of which there is at least one."""
    flat = [part for node in nodes for part in (node.nodes if isinstance(node, Some) else (node,))]
    return flat[0] if len(flat) == 1 else Some(tuple(flat))
