"""Documents say what the code does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from daytona_tui.cli.catalogue import CATALOGUE

ROOT = Path(__file__).resolve().parents[2]


def test_generated_tables_are_fresh() -> None:
    result = subprocess.run(
        [sys.executable, str(ROOT / "docs" / "generate.py"), "--check"], capture_output=True, text=True, check=False
    )

    assert result.returncode == 0, f"run `make docs`: {result.stdout}{result.stderr}"


def test_every_subcommand_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    assert [name for name in CATALOGUE if f"`{name}" not in readme and f"daytona-tui {name}" not in readme] == []


def test_every_decision_has_its_parts() -> None:
    notes = sorted((ROOT / "docs" / "decisions").glob("*.md"))

    assert len(notes) >= 10
    for note in notes:
        text = note.read_text(encoding="utf-8")
        for part in ("**Context.**", "**Decision.**", "**Consequences.**", "**What would change our mind.**"):
            assert part in text, f"{note.name} lacks {part}"
