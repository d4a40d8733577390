"""CPU and wall time of listing a whole fleet: our gateway against the SDK's own ``list()``, side by side.

    python benchmarks/listing.py [ROWS] [ROUNDS]

Prints milliseconds for orientation and the ratios that count; the emulator runs in a process of its own.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Awaitable, Callable

from daytona_tui.client import open_gateway
from daytona_tui.config.connection import Connection, Secret


async def compare(connection: Connection, rows: int, rounds: int) -> None:
    from daytona import AsyncDaytona, DaytonaConfig, ListSandboxesQuery

    gateway = open_gateway(connection)
    await gateway.identify()
    config = DaytonaConfig(
        api_key=connection.api_key.reveal(), api_url=connection.api_url, target="us", use_deprecated_polling=True
    )
    async with AsyncDaytona(config) as daytona:

        async def ours() -> int:
            return sum([len(page) async for page in gateway.list_pages()])

        async def theirs() -> int:
            return len([each async for each in daytona.list(ListSandboxesQuery(limit=200))])

        await race({"gateway": ours, "AsyncDaytona.list()": theirs}, rows, rounds)
    await gateway.close()


async def measured(run: Callable[[], Awaitable[int]], rows: int) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    assert await run() == rows
    return (time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000


async def race(runs: dict[str, Callable[[], Awaitable[int]]], rows: int, rounds: int) -> None:
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in runs}
    for _ in range(rounds):  # interleaved: the machine is not equally busy all the time
        for name, run in runs.items():
            times[name].append(await measured(run, rows))
    medians = {}
    for name, pairs in times.items():
        wall, cpu = (statistics.median(column) for column in zip(*pairs, strict=True))
        medians[name] = (wall, cpu)
        print(f"{name:22} wall {wall:7.0f} ms   CPU {cpu:7.0f} ms   {1000 * cpu / rows:6.1f} us per sandbox")
    (our_wall, our_cpu), (sdk_wall, sdk_cpu) = medians.values()
    wall, cpu = our_wall / sdk_wall, our_cpu / sdk_cpu
    print(f"ratio                  wall {wall:7.2f}      CPU {cpu:7.2f}   (goal: CPU <= 0.15)")


def main() -> None:
    warnings.simplefilter("ignore")
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    command = [sys.executable, "-m", "daytona_tui.emulator", "--seed", f"fleet:{rows}", "--pace", "instant"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as emulator:
        assert emulator.stdout is not None
        ready = json.loads(emulator.stdout.readline())
        try:
            asyncio.run(compare(Connection(ready["api_url"], Secret(ready["api_key"])), rows, rounds))
        finally:
            emulator.terminate()


if __name__ == "__main__":
    main()
