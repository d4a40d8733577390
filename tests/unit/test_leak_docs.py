"""What the documents say of leaks is what the program does."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from daytona_tui.config.settings import read_settings
from daytona_tui.domain.leaks import LeakPolicy
from daytona_tui.domain.leaks.codes import GUARDS, WEIGHTS

TEXT = (Path(__file__).parents[2] / "docs" / "leaks.md").read_text()


def test_every_reason_is_told_with_its_weight() -> None:
    rows = re.findall(r"^\| `([a-z]+\.[a-z-]+)` \| (\d+) \|", TEXT, re.MULTILINE)
    assert {code: int(weight) for code, weight in rows} == dict(WEIGHTS)


def test_every_guard_is_told() -> None:
    told = re.findall(r"^\| (`[^|]+`) \| (?:veto|−\d+)? ?\|", TEXT, re.MULTILINE)
    assert set(re.findall(r"`([^`]+)`", " ".join(told))) == GUARDS


def test_every_number_is_told_with_its_value() -> None:
    usual = LeakPolicy()
    numbers = {each.name: getattr(usual, each.name) for each in fields(usual)}
    told = re.findall(r"`([a-z_]+)` ([\d.]+)[,.]", TEXT)
    assert {name: float(value.rstrip(".")) for name, value in told} == {
        name: value for name, value in numbers.items() if isinstance(value, int | float)
    }


def test_the_example_can_be_copied(tmp_path: Path) -> None:
    examples = [text for text in re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL) if "[leaks]" in text]
    assert examples
    for text in examples:
        file = tmp_path / "config.toml"
        file.write_text(text)
        assert read_settings({}, file=file).leak_policy != LeakPolicy()
