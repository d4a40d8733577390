"""A sandbox is found by id, by name, or by the beginning of either."""

from __future__ import annotations

import pytest
from tests.operations.conftest import Bench

from daytona_tui.errors import ConflictError, NotFoundError
from daytona_tui.operations.find import find


async def test_by_id_name_and_beginning(bench: Bench) -> None:
    sandbox = bench.sandbox
    fleet = [sandbox async for page in bench.gateway.list_pages() for sandbox in page]
    shortest = next(
        sandbox.id[:length]
        for length in range(1, 37)
        if sum(s.id.startswith(sandbox.id[:length]) or s.name.startswith(sandbox.id[:length]) for s in fleet) == 1
    )

    for wanted in (sandbox.id, sandbox.name, shortest):
        assert (await find(bench.gateway, wanted)).id == sandbox.id


async def test_an_ambiguous_beginning_names_the_candidates(bench: Bench) -> None:
    fleet = [sandbox async for page in bench.gateway.list_pages() for sandbox in page]
    names = [sandbox.name for sandbox in fleet]
    beginning = next(n[:k] for n in names for k in (1, 2, 3) if sum(m.startswith(n[:k]) for m in names) > 1)

    with pytest.raises(ConflictError) as raised:
        await find(bench.gateway, beginning)

    assert any(sandbox.id in raised.value.message for sandbox in fleet)


@pytest.mark.parametrize("wanted", ["", "there is none", "..", "a/b?c#d", "\x1b[2J"])
async def test_none_is_said_safely(bench: Bench, wanted: str) -> None:
    with pytest.raises(NotFoundError) as raised:
        await find(bench.gateway, wanted)

    assert "\x1b" not in raised.value.message
