"""The manual page tells of every subcommand, and roff understands it."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from tests.cli.conftest import Run

from daytona_tui.cli import manual
from daytona_tui.cli.catalogue import CATALOGUE


async def test_the_page_tells_of_everything(run: Run) -> None:
    told = await run("man")

    assert (told.code, told.err) == (0, "")
    page = told.out.decode()
    assert page == manual.page()
    for name in CATALOGUE:
        assert f'.SS "{name.replace("-", chr(92) + "-")}' in page
    assert '.SS "git status' in page
    assert page.count("Connect as this profile") == 1, "what every subcommand has is told once"
    assert not [line for line in page.splitlines() if line.startswith("'")]


@pytest.mark.skipif(shutil.which("groff") is None, reason="there is no groff here")
def test_roff_understands_it() -> None:
    done = subprocess.run(
        ["groff", "-man", "-Tutf8", "-ww", "-z"], input=manual.page(), capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
