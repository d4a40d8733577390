"""Logins that several programs keep and forget at the same time: none is lost."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from daytona_tui.config import kept_logins
from daytona_tui.config.connection import Secret
from daytona_tui.config.kept_logins import changing_logins, logins_file, read_logins
from daytona_tui.domain.ports import Identity
from daytona_tui.errors import ConfigError, NotFoundError
from daytona_tui.operations.login import Order, forget, keep

_EACH = 25
_KEEPER = """
import sys
from daytona_tui.config.connection import Secret
from daytona_tui.domain.ports import Identity
from daytona_tui.operations.login import Order, forget, keep
who, count = sys.argv[1], int(sys.argv[2])
for number in range(count):
    keep(Order(f"{who}-{number}", "http://127.0.0.1:1/api", Secret("k" * 20)), Identity())
    if number % 5 == 4:
        forget(f"{who}-{number}")
"""


async def _keeps(who: str) -> int:
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", _KEEPER, who, str(_EACH))
    return await process.wait()


async def test_two_programs_keep_and_forget_at_the_same_time(home: Path) -> None:
    assert set(await asyncio.gather(_keeps("one"), _keeps("two"))) == {0}

    kept = {f"{who}-{number}" for who in ("one", "two") for number in range(_EACH) if number % 5 != 4}
    assert {each.name for each in read_logins().profiles} == kept
    assert all((each.stat().st_mode & 0o077) == 0 for each in logins_file().parent.iterdir())


async def test_one_that_never_comes_to_an_end_is_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_logins, "_LOCK_S", 0.2)
    order = Order("mine", "http://127.0.0.1:1/api", Secret("k" * 20))
    with changing_logins(), pytest.raises(ConfigError, match="another daytona-tui"):
        await asyncio.to_thread(keep, order, Identity())
    assert not read_logins().profiles
    await asyncio.to_thread(keep, order, Identity())
    assert [each.name for each in read_logins().profiles] == ["mine"]


async def test_to_forget_what_is_not_there_makes_nothing(home: Path) -> None:
    with pytest.raises(NotFoundError):
        forget("nobody")
    assert not logins_file().parent.exists() or not list(logins_file().parent.iterdir())
