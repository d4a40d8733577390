"""What else hangs on a sandbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_NAMED: Final = 3


@dataclass(frozen=True, slots=True)
class Ties:
    """What else hangs on a sandbox. All of it is named by others, and may be hostile text.

    Attributes:
        forks: names of those that were made of it and live; Daytona does not delete it before them.
        volumes: where volumes are mounted in it; they outlive it.
        linked: names of those that are linked to it; Daytona deletes them with it.
    """

    forks: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    linked: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """Each kind in words."""
        told = []
        if self.forks:
            told.append(f"{_counted(self.forks, 'fork')} ({named(self.forks)})")
        if self.linked:
            told.append(f"{_counted(self.linked, 'linked sandbox', 'linked sandboxes')} ({named(self.linked)})")
        if self.volumes:
            told.append(f"{_counted(self.volumes, 'volume')} ({named(self.volumes)})")
        return tuple(told)


NO_TIES: Final = Ties()
"""Nothing hangs on it, or nobody looked."""


def named(names: Sequence[str]) -> str:
    """Return the first few names, and that there are more."""
    return ", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else "")


def _counted(each: Sequence[str], one: str, many: str = "") -> str:
    return f"{'a' if len(each) == 1 else f'{len(each):,}'} {one if len(each) == 1 else many or f'{one}s'}"
