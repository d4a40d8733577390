"""Which test calls which public method of the SDK: a register that the completeness test and the documents read.

A test says ``@covers(AsyncSandbox.stop)`` or, of what the emulator refuses, ``@refuses(AsyncLspServer.start)``.
"""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import daytona_api_client_async as main_client
import daytona_toolbox_api_client_async as toolbox_client
from daytona import (
    AsyncComputerUse,
    AsyncDaytona,
    AsyncDisplay,
    AsyncKeyboard,
    AsyncMouse,
    AsyncSandbox,
    AsyncScreenshot,
)
from daytona._async.code_interpreter import AsyncCodeInterpreter
from daytona._async.computer_use import AsyncAccessibility, AsyncRecordingService
from daytona._async.filesystem import AsyncFileSystem
from daytona._async.git import AsyncGit
from daytona._async.lsp_server import AsyncLspServer
from daytona._async.process import AsyncProcess
from daytona._async.secret import AsyncSecretService
from daytona._async.snapshot import AsyncSnapshotService
from daytona._async.volume import AsyncVolumeService
from daytona._async.warm_pool import AsyncWarmPoolService
from daytona.handle.async_pty_handle import AsyncPtyHandle

SERVED = (
    AsyncDaytona,
    AsyncSandbox,
    AsyncFileSystem,
    AsyncProcess,
    AsyncPtyHandle,
    AsyncGit,
    AsyncCodeInterpreter,
    AsyncSnapshotService,
    AsyncVolumeService,
    AsyncSecretService,
    AsyncWarmPoolService,
)
REFUSED = (
    AsyncLspServer,
    AsyncComputerUse,
    AsyncMouse,
    AsyncKeyboard,
    AsyncScreenshot,
    AsyncDisplay,
    AsyncRecordingService,
    AsyncAccessibility,
)
_HOOKS = {"model_post_init"}  # pydantic's, not for callers

Method = Callable[..., object]
_Test = TypeVar("_Test", bound=Callable[..., Any])


@dataclass(frozen=True)
class Covering:
    """What a test says of the methods it calls.

    Attributes:
        methods: the methods, as functions of their classes.
        is_refusal: whether the test shows that the emulator refuses them.
        differs: how the emulator does otherwise than a server; empty where it does not.
    """

    methods: tuple[Method, ...]
    is_refusal: bool
    differs: str


def covers(*methods: Method, differs: str = "") -> Callable[[_Test], _Test]:
    """Mark a test as the one that shows what ``methods`` do; can be repeated."""
    return _mark(Covering(methods, False, differs))


def refuses(*methods: Method) -> Callable[[_Test], _Test]:
    """Mark a test as the one that shows that ``methods`` are refused."""
    return _mark(Covering(methods, True, ""))


def _mark(covering: Covering) -> Callable[[_Test], _Test]:
    unknown = [method for method in covering.methods if method.__qualname__ not in _NAMES]
    if unknown:
        raise ValueError(f"no public methods of the SDK: {unknown}")

    def mark(test: _Test) -> _Test:
        test.__dict__.setdefault("coverings", []).append(covering)
        return test

    return mark


def public_methods() -> Iterator[tuple[str, Method]]:
    """Yield every public method of the SDK's asynchronous classes as ``Class.method``."""
    for each in (*SERVED, *REFUSED):
        for name, member in vars(each).items():
            if name.startswith("_") or name in _HOOKS or isinstance(member, property):
                continue
            method = getattr(each, name)
            if inspect.isfunction(method):
                yield f"{each.__name__}.{name}", method


_NAMES = {name for name, _ in public_methods()}


def coverings() -> dict[str, list[tuple[str, Covering]]]:
    """Return the coverings of every method by its name, each with the test that holds it as ``module::test``."""
    found: dict[str, list[tuple[str, Covering]]] = {name: [] for name, _ in public_methods()}
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        module = importlib.import_module(f"tests.emulator.sdk.{path.stem}")
        for name, test in vars(module).items():
            if name.startswith("test_"):
                for covering in getattr(test, "coverings", ()):
                    for method in covering.methods:
                        found[method.__qualname__].append((f"{path.stem}::{name}", covering))
    return found


_BY_HAND = {
    "AsyncDaytona.close": "no request",
    "AsyncDaytona.create": "POST /sandbox",
    "AsyncDaytona.list": "GET /sandbox",
    "AsyncDaytona.delete": "as AsyncSandbox.delete",
    "AsyncDaytona.start": "as AsyncSandbox.start",
    "AsyncDaytona.stop": "as AsyncSandbox.stop",
    "AsyncSandbox.create_lsp_server": "no request",
    "AsyncSandbox.download_url": "GET /sandbox/{sandboxIdOrName}/signing-key",
    "AsyncSandbox.upload_url": "GET /sandbox/{sandboxIdOrName}/signing-key",
    "AsyncSandbox.get_user_root_dir": "GET toolbox /user-home-dir",
    "AsyncSandbox.wait_for_sandbox_start": "GET /sandbox/{sandboxIdOrName}",
    "AsyncSandbox.wait_for_sandbox_stop": "GET /sandbox/{sandboxIdOrName}",
    "AsyncSandbox.wait_for_resize_complete": "GET /sandbox/{sandboxIdOrName}",
    "AsyncFileSystem.download_file": "POST toolbox /files/bulk-download",
    "AsyncFileSystem.download_file_stream": "POST toolbox /files/bulk-download",
    "AsyncFileSystem.download_files": "POST toolbox /files/bulk-download",
    "AsyncFileSystem.upload_file": "POST toolbox /files/bulk-upload",
    "AsyncFileSystem.upload_files": "POST toolbox /files/bulk-upload",
    "AsyncFileSystem.upload_file_stream": "POST toolbox /files/bulk-upload",
    "AsyncProcess.get_session_command_logs_async": (
        "WebSocket toolbox /process/session/{sessionId}/command/{commandId}/logs"
    ),
    "AsyncProcess.get_entrypoint_logs_async": "WebSocket toolbox /process/session/entrypoint/logs",
    "AsyncProcess.create_pty_session": "WebSocket toolbox /process/pty/create-connect",
    "AsyncProcess.connect_pty_session": "WebSocket toolbox /process/pty/{sessionId}/connect",
    "AsyncPtyHandle.kill": "as AsyncProcess.kill_pty_session",
    "AsyncPtyHandle.resize": "as AsyncProcess.resize_pty_session",
    "AsyncCodeInterpreter.run_code": "WebSocket toolbox /process/interpreter/execute",
    "AsyncSnapshotService.delete": "DELETE /snapshots/{id}",
    "AsyncSnapshotService.activate": "POST /snapshots/{id}/activate",
    "AsyncVolumeService.get": "GET /volumes/by-name/{name}",
    "AsyncLspServer.workspace_symbols": "GET toolbox /lsp/workspacesymbols",
    "AsyncSnapshotService.process_image_context": "GET /object-storage/push-access",
    "AsyncRecordingService.download": "GET toolbox /computeruse/recordings/{id}/download",
}
_CALL = re.compile(r"(?:_api|api_client|_storage_api)\w*\.(\w+)\(")


def request_of(name: str, method: Method) -> str:
    """Return the request of a method as ``VERB path``, read from the SDK's own source."""
    if name in _BY_HAND:
        return _BY_HAND[name]
    if name.startswith("AsyncPtyHandle."):
        return "frames of the open WebSocket"
    for call in _CALL.findall(inspect.getsource(method)):
        for client, prefix in ((main_client, ""), (toolbox_client, "toolbox ")):
            found = _path_of(client, call)
            if found:
                verb, path = found
                return f"{verb} {prefix}{path}"
    raise ValueError(f"the request of {name} is not known")


def _path_of(client: Any, call: str) -> tuple[str, str] | None:
    for name, each in vars(client).items():
        serialize = getattr(each, f"_{call}_serialize", None) if name.endswith("Api") else None
        if serialize is not None:
            source = inspect.getsource(serialize)
            verb = re.search(r"method='(\w+)'", source)
            path = re.search(r"resource_path='([^']+)'", source)
            assert verb
            assert path
            return verb[1], path[1]
    return None
