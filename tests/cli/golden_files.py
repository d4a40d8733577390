"""Golden files: what is written is compared with what was kept, with what differs from run to run made the same."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("golden")

_ID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
_SUBSTITUTES = (
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(\.\d+)?( ?(Z|UTC|[+-]\d\d:?\d\d))?"), "<time>"),
    (re.compile(r"\b\d\d:\d\d(:\d\d(\.\d+)?)?\b"), "<time>"),
    (re.compile(r"\b\d{1,2} (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b"), "<time>"),
    (re.compile(r"(127\.0\.0\.1|localhost):\d+"), "<host>"),
    (re.compile(r"\b[0-9a-f]{40}\b"), "<hash>"),
    (re.compile(r"(?<=/preview/)[a-z0-9]{16}\b"), "<token>"),
    (re.compile(r"(?<=run-once-)[0-9a-f]{8}\b"), "<hex>"),
    (re.compile(r"(?<=key \u2026)\w+"), "<end>"),
    (re.compile(r", about [\d.]+\w*$"), ""),
    (re.compile(r"ssh -p \d+"), "ssh -p <port>"),
    (re.compile(r"\b[A-Za-z0-9_-]{32,}\b"), "<token>"),
)
_AGES = re.compile(r"(?<![\w.$])\d+(\.\d+)?\s?(ms|s|m|min|h|d|w)\b")
_ON_THE_WAY = re.compile(r"daytona-tui: ( *\d+%|listing )")
"""Beginning of a line that only comes where something takes longer than a second."""

_SPEED = re.compile(r", [\d.,]+ ?\w*/s(?=;|$)")
_BLANKS = re.compile(r" {2,}")
_NUMBERS = re.compile(r"(seconds|_ms|_s|hours|_usd|skew|price|score|_age|used)$")
"""Keys of numbers that time, or this machine, decides."""

_TOLD = frozenset({"token", "connection", "key_suffix"})
"""Keys of texts that are new in every run."""

_CHOSEN_PORTS = 20_000
"""From here on a port is one that the machine chose."""


class Same:
    """Makes what differs from run to run the same, within one golden file."""

    def __init__(self, secrets: dict[str, str]) -> None:
        """Remember what is written in place of texts of this run, such as its directory."""
        self._texts = secrets
        self._ids: dict[str, str] = {}

    def word(self, text: str) -> str:
        """Return a text without ids, times and places of this run."""
        for secret, shown in self._texts.items():
            text = text.replace(secret, shown)
        text = _ID.sub(lambda match: self._ids.setdefault(match[0], f"<id-{len(self._ids) + 1}>"), text)
        for pattern, shown in _SUBSTITUTES:
            text = pattern.sub(shown, text)
        return text

    def text(self, text: str) -> str:
        """Return what people read, without ages and the room that they take, and without what is told on the way."""
        return "\n".join(_BLANKS.sub("  ", _AGES.sub("<age>", self.word(line))).rstrip() for line in text.splitlines())

    def value(self, value: Any, key: str = "") -> Any:
        """Return JSON of the same shape and types."""
        if isinstance(value, dict):
            return {self.word(name): self.value(each, name) for name, each in value.items()}
        if isinstance(value, list):
            return [self.value(each, key) for each in value]
        if isinstance(value, str) and key in _TOLD:
            return f"<{key}>"
        if isinstance(value, str):
            return self.text(value) if key not in ("contents", "output") else self.word(value)
        if isinstance(value, int | float) and not isinstance(value, bool) and _NUMBERS.search(key):
            return type(value)(0)
        return 0 if key == "port" and value is not None and int(value) > _CHOSEN_PORTS else value


def shape(value: Any) -> Any:
    """Return JSON of the same shape with values that say nothing; a list keeps a row."""
    if isinstance(value, dict):
        return {name: shape(each) for name, each in value.items()}
    if isinstance(value, list):
        return [shape(each) for each in value[:1]]
    return "<text>" if isinstance(value, str) else value if value is None or isinstance(value, bool) else type(value)(0)


def digits_gone(text: str) -> str:
    """Return a text without numbers."""
    return re.sub(r"\d[\d,.]*", "#", text).replace("#<age>", "<age>")


def compare(name: str, now: str, *, updates: bool) -> None:
    """Compare with the golden file, or keep what is there now as the new one."""
    file = FOLDER / name
    if updates:
        file.write_text(now, encoding="utf-8")
    assert file.is_file(), f"there is no golden file {name}: run with UPDATE_GOLDEN=1"
    assert now.splitlines() == file.read_text(encoding="utf-8").splitlines()


def as_text(value: Any) -> str:
    """Return JSON as a golden file holds it."""
    return json.dumps(value, indent=2, ensure_ascii=True) + "\n"
