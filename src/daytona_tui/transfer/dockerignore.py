"""What ``.dockerignore`` leaves out of the context of a build. Pure.

Patterns are of the whole path from the context's directory on, ``**`` stands for any number of directories, the last
one that matches a path or a directory above it decides, and ``!`` takes back.
"""

from __future__ import annotations

from collections.abc import Iterable

from daytona_tui.transfer.ignoring import Pattern, tied_pattern


class DockerIgnore:
    """The patterns of one file.

    Args:
        text: its content.
    """

    def __init__(self, text: str = "") -> None:
        self._patterns = list(_patterns(text.splitlines()))

    @property
    def takes_back(self) -> bool:
        """Whether something below a directory that is left out may be in it all the same."""
        return any(pattern.takes_back for pattern in self._patterns)

    def leaves_out(self, parts: tuple[str, ...]) -> bool:
        """Whether a path stays here."""
        for pattern in reversed(self._patterns):
            if any(pattern.matches(parts[:depth], is_dir=True) for depth in range(len(parts), 0, -1)):
                return not pattern.takes_back
        return False


def _patterns(lines: Iterable[str]) -> Iterable[Pattern]:
    for line in lines:
        text = line.strip().removeprefix("\ufeff")
        if not text or text.startswith("#"):
            continue
        takes_back = text.startswith("!")
        parts = [part for part in text.removeprefix("!").strip().split("/") if part not in ("", ".")]
        if parts:
            yield tied_pattern(text, parts, takes_back=takes_back)
