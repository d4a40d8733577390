"""The ports that programs of a sandbox listen on, told apart from everybody else's."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest
from daytona_toolbox_api_client_async import PortApi
from tests.emulator.toolbox.conftest import Toolbox
from tests.emulator.toolbox.processes import until

from daytona_tui.emulator.body.box import Box

if TYPE_CHECKING:
    from daytona import AsyncSandbox

LISTEN = "import socket, time; s = socket.socket({family}); s.bind(('{host}', {port})); s.listen(); time.sleep(600)"


def _free_port(lowest: int = 3000, highest: int = 9999) -> int:
    for port in range(lowest, highest):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("every port is taken")


async def _listen(sandbox: AsyncSandbox, box: Box, port: int, host: str = "127.0.0.1") -> None:
    family = "socket.AF_INET6" if ":" in host else "socket.AF_INET"
    script = LISTEN.format(family=family, host=host, port=port)
    await sandbox.process.exec(f'cd; python3 -c "{script}" >/dev/null 2>&1 </dev/null & echo $! > listener')
    await until(lambda: port in box.listening_ports(), within_s=10)


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "::1"])
async def test_a_port_is_known_while_a_program_listens(sandbox: AsyncSandbox, box: Box, host: str) -> None:
    api = PortApi(sandbox._toolbox_api)
    port = _free_port()
    assert (await api.get_ports()).ports == []
    assert (await api.is_port_in_use(port)).is_in_use is False

    await _listen(sandbox, box, port, host)
    assert (await api.get_ports()).ports == [port]
    assert (await api.is_port_in_use(port)).is_in_use is True
    (await box.connect(port)).close()

    await sandbox.process.exec("kill $(cat ~/listener)")
    await until(lambda: not box.listening_ports())
    assert (await api.get_ports()).ports == []
    with pytest.raises(ConnectionRefusedError):
        await box.connect(port)


async def test_what_the_host_listens_on_is_none_of_its_business(sandbox: AsyncSandbox, box: Box) -> None:
    port = _free_port(5000)
    with socket.create_server(("127.0.0.1", port)):
        api = PortApi(sandbox._toolbox_api)
        assert (await api.get_ports()).ports == []
        assert (await api.is_port_in_use(port)).is_in_use is False
        with pytest.raises(ConnectionRefusedError):
            await box.connect(port)


async def test_a_port_out_of_the_daemons_range_is_not_listed(sandbox: AsyncSandbox, box: Box) -> None:
    port = _free_port(11_000, 12_000)
    await _listen(sandbox, box, port)
    assert (await PortApi(sandbox._toolbox_api).get_ports()).ports == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("abc", "invalid port: must be a number between 3000 and 9999"),
        ("2999", "port out of range: must be between 3000 and 9999"),
        ("10000", "port out of range: must be between 3000 and 9999"),
        ("-1", "port out of range"),
        ("9" * 5000, "port out of range"),
        ("٣٠٠٠", "invalid port"),
    ],
)
async def test_what_is_no_port_is_refused(toolbox: Toolbox, text: str, words: str) -> None:
    async with toolbox.http.get(f"{toolbox.url}/port/{text}/in-use") as answer:
        body = await answer.json()
    assert (answer.status, body["source"]) == (400, "DAYTONA_DAEMON")
    assert words in body["message"]
