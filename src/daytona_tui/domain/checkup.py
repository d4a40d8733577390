"""What a look at the connection and at this machine found: each finding with a grade and with what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    """How bad a finding is."""

    OK = "ok"
    WARN = "warn"
    """It works, but not all of it, or not for everybody."""
    FAIL = "fail"
    """Nothing can be done before it is put right."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        check: what was looked at, in a word that stays the same: ``credential``.
        words: what was found; may hold text from elsewhere, and never a key.
        todo: what to do about it; empty where nothing is to be done.
        exit_code: what a failure of it makes of the exit code; 0 unless it failed.
    """

    check: str
    grade: Grade
    words: str
    todo: str = ""
    exit_code: int = 0


def ok(check: str, words: str) -> Finding:
    """Return a finding with which nothing is wrong."""
    return Finding(check, Grade.OK, words)


def warn(check: str, words: str, todo: str) -> Finding:
    """Return a finding that somebody should know of."""
    return Finding(check, Grade.WARN, words, todo)


def fail(check: str, words: str, todo: str, exit_code: int) -> Finding:
    """Return a finding that keeps the program from its work."""
    return Finding(check, Grade.FAIL, words, todo, exit_code)


def exit_code_of(findings: Iterable[Finding], *, is_strict: bool = False) -> int:
    """Return the exit code: that of the first failure, since later ones mostly follow from it.

    Args:
        findings: in the order they were made.
        is_strict: what is only to be known of counts as well, as 1.
    """
    findings = tuple(findings)
    failed = next((each.exit_code for each in findings if each.grade is Grade.FAIL), 0)
    return failed or int(is_strict and any(each.grade is Grade.WARN for each in findings))
