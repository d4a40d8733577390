"""Language servers and the computer's screen: refused by name, and nothing else happens."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import pytest
from daytona import AsyncComputerUse, AsyncDaytona, AsyncSandbox, DaytonaError, LspCompletionPosition, ScreenshotRegion
from daytona._async.lsp_server import AsyncLspServer
from tests.emulator.sdk.covering import REFUSED, covers, refuses

ARGUMENTS: dict[str, Any] = {
    "x": 1,
    "y": 1,
    "start_x": 1,
    "start_y": 1,
    "end_x": 2,
    "end_y": 2,
    "direction": "up",
    "region": ScreenshotRegion(x=0, y=0, width=1, height=1),
    "position": LspCompletionPosition(line=1, character=1),
}
METHODS = [
    getattr(each, name)
    for each in REFUSED
    for name in vars(each)
    if not name.startswith("_") and inspect.iscoroutinefunction(getattr(each, name)) and name != "get_status"
]


@pytest.fixture(scope="module")
def isolation() -> str:
    """Whatever there is: what is refused reaches no sandbox."""
    return "auto"


def _calls(sandbox: AsyncSandbox) -> Iterator[tuple[str, Any]]:
    """Every refused method, bound to its service of the sandbox."""
    screen = sandbox.computer_use
    services = (
        sandbox.create_lsp_server("python", "project"),
        screen,
        screen.mouse,
        screen.keyboard,
        screen.screenshot,
        screen.display,
        screen.recording,
        screen.accessibility,
    )
    for service, kind in zip(services, REFUSED, strict=True):
        assert isinstance(service, kind)
        for method in METHODS:
            if method.__qualname__ == f"{kind.__name__}.{method.__name__}":
                yield f"{kind.__name__}.{method.__name__}", getattr(service, method.__name__)


@pytest.mark.filterwarnings("ignore:Call to deprecated method:DeprecationWarning")
@refuses(*METHODS)
@covers(AsyncSandbox.create_lsp_server, differs="the object is made; each of its requests is refused")
async def test_each_is_refused_with_its_own_name(daytona: AsyncDaytona, sandbox: AsyncSandbox, tmp_path: Any) -> None:
    called = 0
    for name, call in _calls(sandbox):
        arguments = {
            each.name: str(tmp_path / "file") if each.name == "local_path" else ARGUMENTS.get(each.name, "a")
            for each in inspect.signature(call).parameters.values()
            if each.default is inspect.Parameter.empty
        }
        with pytest.raises(DaytonaError) as refusal:
            await call(**arguments)
        assert refusal.value.status_code == 501 or "501" in str(refusal.value), name
        called += 1

    assert called == len(METHODS)
    assert (await daytona.get(sandbox.id)).state == "started"


@covers(AsyncComputerUse.get_status, differs="always inactive: there is no desktop")
async def test_no_desktop_is_active(sandbox: AsyncSandbox) -> None:
    assert (await sandbox.computer_use.get_status()).status == "inactive"


def test_the_language_server_is_refused_whole() -> None:
    assert {each.__name__ for each in METHODS if each.__qualname__.startswith("AsyncLspServer")} == {
        name for name in vars(AsyncLspServer) if not name.startswith("_")
    }
