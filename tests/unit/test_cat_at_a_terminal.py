"""What ``cat`` writes to a terminal."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from daytona_tui.cli.subcommands.cat import _to_terminal


@pytest.mark.parametrize(
    ("contents", "shown"),
    [(b"a\n", "a\n"), (b"a", "a\n"), (b"gr\xc3", "gr\ufffd\n"), (b"\x1b]52;c;eA==\x07", "␛]52;c;eA==␇\n")],
)
def test_all_of_it_is_shown_and_nothing_of_it_is_obeyed(
    contents: bytes, shown: str, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for at in range(len(contents)):
            yield contents[at : at + 1]

    asyncio.run(_to_terminal(chunks(), "/x"))

    assert capsysbinary.readouterr().out.decode() == shown
