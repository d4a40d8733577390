"""What panes say of a form that the screen opens for them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from daytona_tui.presentation.forms import Form, Values


async def nothing_found(_values: Values) -> Mapping[str, str]:
    """Find nothing wrong."""
    return {}


async def nothing_known() -> tuple[Values, tuple[str, ...]] | None:
    """Know nothing more."""
    return None


async def nothing_proposed() -> Mapping[str, tuple[str, ...]]:
    """Propose nothing."""
    return {}


@dataclass(frozen=True, slots=True)
class FormDraft:
    """A form, and what becomes known of it while it is open.

    Attributes:
        verify: finds what only disk or network can tell of values, before the form closes.
        complete: returns values for fields that nobody has touched, and lines above them; None for neither. Its
            errors are told above the fields.
        propose: returns words to propose, by the key of the field. It does not fail.
    """

    form: Form
    verify: Callable[[Values], Awaitable[Mapping[str, str]]] = nothing_found
    complete: Callable[[], Awaitable[tuple[Values, tuple[str, ...]] | None]] = nothing_known
    propose: Callable[[], Awaitable[Mapping[str, tuple[str, ...]]]] = nothing_proposed
