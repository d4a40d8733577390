"""The synchronous ``Daytona`` on its main paths, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.emulator.sdk.conftest import Server

PROGRAM = Path(__file__).with_name("synchronous.py")


@pytest.fixture(scope="module")
def isolation() -> str:
    """Whatever there is: the other tests here ask the same in both kinds."""
    return "auto"


def test_the_synchronous_client_does_the_same(server: Server, tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DAYTONA_")}

    done = subprocess.run(
        [sys.executable, str(PROGRAM)],
        input=f"{server.api_url} {server.api_key}",
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["commands", "files", "terminal", "git", "life", "catalogue"]
