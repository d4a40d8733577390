"""What each front door loads: the static rules cannot tell a deferred import from an eager one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from daytona_tui.emulator.server import Emulator

HEAVY = {"daytona", "textual", "rich", "aiohttp", "pydantic", "socketio", "asyncio"}

_PROBE = """
import json, sys
sys.argv[0] = "daytona-tui"
code = 0
try:
    {body}
except SystemExit as stop:
    code = stop.code or 0
json.dump([code, sorted(sys.modules)], open({report!r}, "w"))
"""


def _roots_loaded_by(body: str, tmp_path: Path, env: dict[str, str] | None = None) -> set[str]:
    """Run ``body`` in an interpreter of its own; return the top-level packages that it loaded."""
    import os

    report = tmp_path / "modules.json"
    script = _PROBE.format(body=body, report=str(report))
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, timeout=60, check=False, env={**os.environ, **(env or {})}
    )
    assert done.returncode == 0, done.stderr.decode()
    code, modules = json.loads(report.read_text())
    assert code == 0, done.stderr.decode()
    return {name.partition(".")[0] for name in modules}


def _main(*words: str) -> str:
    return f"from daytona_tui.cli.main import main; code = main({list(words)!r})"


@pytest.mark.parametrize("words", [("--help",), ("--version",), ("list", "--help"), ("exec", "-h"), ("doctor", "-h")])
def test_help_loads_nothing_heavy(words: tuple[str, ...], tmp_path: Path) -> None:
    assert _roots_loaded_by(_main(*words), tmp_path) & HEAVY == set()


def test_the_emulator_loads_neither_sdk_nor_screen(tmp_path: Path) -> None:
    loaded = _roots_loaded_by(_main("emulator", "--help"), tmp_path)

    assert loaded & {"daytona", "textual", "rich", "pydantic"} == set()


@pytest.mark.parametrize("emulator", ["fleet:150"], indirect=True)
async def test_a_list_of_one_page_loads_neither_sdk_nor_screen(emulator: Emulator, tmp_path: Path) -> None:
    import asyncio

    env = {"DAYTONA_API_URL": emulator.api_url, "DAYTONA_API_KEY": emulator.api_key}

    loaded = await asyncio.to_thread(_roots_loaded_by, _main("list", "--json"), tmp_path, env)

    assert loaded & {"daytona", "textual", "rich", "aiohttp", "pydantic"} == set()


def test_what_runs_before_the_first_paint_loads_no_sdk(tmp_path: Path) -> None:
    body = "import daytona_tui.bootstrap, daytona_tui.client.gateway, daytona_tui.ui.app"

    loaded = _roots_loaded_by(body, tmp_path)

    assert "textual" in loaded
    assert loaded & {"daytona", "aiohttp", "pydantic", "socketio"} == set()


def test_dialogs_are_loaded_when_they_are_first_opened(tmp_path: Path) -> None:
    report = tmp_path / "loaded.txt"
    dialogs = "[each.__name__ for each in ModalScreen.__subclasses__() if each.__module__.startswith('daytona_tui')]"
    body = f"from daytona_tui.ui.app import ModalScreen; open({str(report)!r}, 'w').write(repr({dialogs}))"

    _roots_loaded_by(body, tmp_path)

    assert report.read_text() == "[]"


def test_the_composition_root_itself_loads_no_screen(tmp_path: Path) -> None:
    assert _roots_loaded_by("import daytona_tui.bootstrap", tmp_path) & (HEAVY - {"asyncio"}) == set()
