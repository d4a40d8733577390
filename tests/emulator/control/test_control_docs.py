"""The emulator's document says what is served."""

from __future__ import annotations

import re
from pathlib import Path

import aiohttp
import pytest
from daytona import AsyncDaytona

from daytona_tui.emulator.command import _parser
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.emulator.table import refused_requests, with_table

DOCUMENT = Path(__file__).parents[3] / "docs" / "emulator.md"


def test_the_table_of_routes_is_fresh() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")

    assert text == with_table(text), "run: python docs/generate.py"


async def test_what_the_table_calls_refused_is_refused(daytona: AsyncDaytona, http: aiohttp.ClientSession) -> None:
    sandbox = await daytona.create()
    served = []
    for request in refused_requests():
        method, path = re.sub(r"\{[^}]*\}", sandbox.id, request).split(" ")
        async with http.request(method, path) as response:
            if response.status != 501:
                served.append(f"{request}: {response.status}")

    assert not served


def test_a_document_without_a_place_for_the_table_is_refused() -> None:
    with pytest.raises(ValueError, match="no place"):
        with_table("# Something else")


def test_every_option_and_every_field_of_a_fault_is_explained() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    options = {option for action in _parser()._actions for option in action.option_strings if option.startswith("--")}

    assert all(f"`{option}`" in text for option in options - {"--help"})
    assert all(f"`{name}`" in text for name in FaultRule.__dataclass_fields__)
