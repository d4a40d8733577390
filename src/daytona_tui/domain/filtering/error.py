"""What is wrong with the text of a filter, and where."""

from __future__ import annotations

from daytona_tui.errors import DaytonaTuiError


class FilterError(DaytonaTuiError):
    """The text is no filter. Whoever meets this selects nothing.

    Attributes:
        position: index into the text of the character at which it stops making sense; its length: at the end.
        expected: what could stand there, in words; may be empty.
    """

    exit_code = 2

    def __init__(self, message: str, position: int, expected: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.position = position
        self.expected = expected
