"""Pseudo-terminals of a box."""

from __future__ import annotations


class Pty:
    """A shell on a pseudo-terminal."""

    async def finished(self) -> None:
        """End it."""
