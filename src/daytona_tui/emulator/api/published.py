"""Every request that Daytona's published documents name, served here or not."""

from __future__ import annotations

import functools
import re
from pathlib import Path

PUBLISHED = Path(__file__).with_name("published.txt")
"""Every request of the main interface, the toolbox and analytics, as ``METHOD path`` in each line."""

_PARAMETER = re.compile(r"\{[^}]*\}")


@functools.cache
def published_requests() -> tuple[str, ...]:
    """Return every published request as ``METHOD path``, in the order of the documents."""
    return tuple(PUBLISHED.read_text(encoding="utf-8").splitlines())


def nameless(request: str) -> str:
    """Return a request, or a path, with the names of its parameters left out."""
    return _PARAMETER.sub("{}", request)


def is_published(method: str, path: str) -> bool:
    """Whether Daytona answers ``method`` on ``path``, a path of one request with its parameters filled in."""
    return _any_published().fullmatch(f"{method} {path}") is not None


@functools.cache
def _any_published() -> re.Pattern[str]:
    return re.compile("|".join(_pattern(request) for request in published_requests()))


def _pattern(request: str) -> str:
    return "[^/]+".join(re.escape(text) for text in _PARAMETER.split(request))
