"""Which part of the fleet is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from daytona_tui.domain.sandbox import Sandbox

NO_VALUES: Mapping[str, str | None] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ListWish:
    """What a listing is narrowed by. The server is told; a server that does not obey changes nothing.

    Attributes:
        name_prefix: the beginning of the name, in capitals or not.
        labels: what each label must be; None for any value.
        states: states as the server spells them; empty for all of them.
        page_size: how many are asked for at once; None for the most that the server gives.
    """

    name_prefix: str = ""
    labels: Mapping[str, str | None] = field(default_factory=lambda: NO_VALUES)
    states: tuple[str, ...] = ()
    page_size: int | None = None

    @property
    def is_everything(self) -> bool:
        """Whether nothing is narrowed."""
        return self == ListWish()

    @property
    def exact_labels(self) -> dict[str, str]:
        """The labels of which a value is wanted: only those can the server be told."""
        return {key: value for key, value in self.labels.items() if value is not None}

    def means(self, sandbox: Sandbox) -> bool:
        """Return whether a sandbox is wanted."""
        return (
            sandbox.name.casefold().startswith(self.name_prefix.casefold())
            and (not self.states or sandbox.state.value in self.states)
            and all(
                key in sandbox.labels and value in (None, sandbox.labels[key]) for key, value in self.labels.items()
            )
        )


EVERYTHING = ListWish()
