"""The kinds of rules that tell an owner. A rule is data; ``matching`` tries them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto

from daytona_tui.domain.ownership.owner import Confidence
from daytona_tui.domain.ownership.run_names import RunInName
from daytona_tui.domain.sandbox import Sandbox

LANGUAGE = "code-toolbox-language"
"""The label that the SDKs set at every create."""


@dataclass(frozen=True, slots=True)
class LabelRule:
    """A label that one framework sets.

    Attributes:
        key: name of the label, or how it begins if that ends in ``.``, ``_`` or ``-``.
        owner: the framework.
        run_keys: labels that tell the run, the first that is there.
        value: what the label has to say, where the key alone tells nothing; a star at its end stands for any rest.
        also: another label, and what it has to say likewise, where the first is not enough.
        run_end: what the run ends in for the framework's own use.
        confidence: how far the mark can be believed.
    """

    key: str
    owner: str
    run_keys: tuple[str, ...] = ()
    value: str = ""
    also: tuple[str, str] | None = None
    run_end: str = ""
    confidence: Confidence = Confidence.CERTAIN

    @property
    def is_prefix(self) -> bool:
        """True when any label that begins so is meant."""
        return self.key.endswith((".", "_", "-"))


@dataclass(frozen=True, slots=True)
class NameRule:
    """How one framework begins the names that it gives.

    Attributes:
        prefix: the beginning.
        owner: the framework.
        rest: what the rest of the name has to look like, whole; its group ``run``, if there is one, is the run.
    """

    prefix: str
    owner: str
    rest: re.Pattern[str] = re.compile(r".*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class SnapshotRule:
    """A snapshot or image that one framework makes; ``pattern`` is tried at the beginning of its name."""

    pattern: re.Pattern[str]
    owner: str


class Naming(Enum):
    """What the name of a sandbox is."""

    ANY = auto()
    ID = auto()
    """Its id: nobody passed a name."""
    OTHER_UUID = auto()
    """A random UUID that is not its id."""


class Labelling(Enum):
    """Which labels a sandbox has."""

    ANY = auto()
    LANGUAGE_ONLY = auto()
    """Only the one that the SDKs set."""
    NO_LANGUAGE = auto()
    """Perhaps some, but not the one that the SDKs set."""


@dataclass(frozen=True, slots=True)
class ShapeRule:
    """Intervals, name and labels that together look like somebody's. Minutes; None: any interval.

    An interval that the server did not tell fits no number.

    Attributes:
        why: the shape in words.
        owner: the framework; empty where the shape says no more than which way the sandbox was made.
    """

    why: str
    owner: str = ""
    auto_stop: int | None = None
    auto_archive: int | None = None
    auto_delete: int | None = None
    naming: Naming = Naming.ANY
    labelling: Labelling = Labelling.ANY
    confidence: Confidence = Confidence.GUESS


@dataclass(frozen=True, slots=True)
class UserRule:
    """A rule of the settings file. Two are equal when they say the same.

    Attributes:
        owner: whom it names.
        text: what it goes by, in words.
        matches: whether it means a sandbox; must not ask for the owner.
        run_label: the label that tells the run; empty for none.
        run_in_name: where the run stands in the name; None for nowhere.
    """

    owner: str
    text: str
    matches: Callable[[Sandbox], bool] = field(compare=False, repr=False)
    run_label: str = ""
    run_in_name: RunInName | None = None
