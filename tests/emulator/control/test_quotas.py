"""Quotas: what one sandbox and all of them may use, which state uses what, and the words past it."""

from __future__ import annotations

import random

import aiohttp
import pytest
from daytona import CreateSandboxFromSnapshotParams, DaytonaBadRequestError
from daytona_api_client_async import OrganizationsApi
from tests.emulator.conftest import Connect, Eventually, OpenEmulator
from tests.emulator.control.conftest import Api, Http

from daytona_tui.emulator.accounts.quotas import NOTHING, Amount, Quota, Quotas, parse_quota, share_of
from daytona_tui.emulator.command import main
from daytona_tui.emulator.fleet.records import ORGANIZATION_ID, Fleet, SandboxRecord, new_id
from daytona_tui.emulator.seed.fleet import fleet
from daytona_tui.emulator.server import Emulator

PLACE = ("us", "container")


async def test_past_the_total_no_sandbox_is_created_and_none_started(
    open_emulator: OpenEmulator, connect: Connect
) -> None:
    emulator = await open_emulator(quota=Quota(cpu=2))
    daytona = await connect(emulator)
    first, _second = await daytona.create(), await daytona.create()

    with pytest.raises(DaytonaBadRequestError, match=r"Total CPU limit exceeded\. Maximum allowed: 2\.") as refused:
        await daytona.create()
    assert "upgrade your organization's Tier" in refused.value.message
    assert len(emulator.fleet.records) == 2

    await first.stop()
    await daytona.create()
    with pytest.raises(DaytonaBadRequestError, match="Total CPU limit exceeded"):
        await first.start()


async def test_a_stopped_sandbox_holds_its_disk_until_it_is_archived(
    open_emulator: OpenEmulator, connect: Connect
) -> None:
    daytona = await connect(await open_emulator(quota=Quota(disk=3)))
    first = await daytona.create()
    await first.stop()

    with pytest.raises(DaytonaBadRequestError, match=r"Total disk limit exceeded\. Maximum allowed: 3GiB\.") as refused:
        await daytona.create()
    assert "Consider archiving your unused Sandboxes" in refused.value.message

    await first.archive()
    await daytona.create()


async def test_past_the_total_none_is_taken_from_a_warm_pool(
    open_emulator: OpenEmulator, connect: Connect, eventually: Eventually
) -> None:
    emulator = await open_emulator(quota=Quota(cpu=1))
    daytona = await connect(emulator)
    pool = await daytona.warm_pool.create("daytona-small", 1)

    def ready() -> bool:
        return any(each.warm_pool_id == pool.id and each.state == "started" for each in emulator.fleet.records.values())

    await eventually(ready)
    waiting = next(iter(emulator.fleet.records))
    taken = await daytona.create(CreateSandboxFromSnapshotParams(snapshot="daytona-small"))
    assert taken.id == waiting
    await eventually(ready)
    before = dict(emulator.fleet.records)

    with pytest.raises(DaytonaBadRequestError, match="Total CPU limit exceeded"):
        await daytona.create(CreateSandboxFromSnapshotParams(snapshot="daytona-small", name="one too many"))

    assert emulator.fleet.records == before
    assert ready()


@pytest.mark.parametrize(
    ("quota", "words"),
    [
        (Quota(sandbox_cpu=1), r"CPU request 2 exceeds maximum allowed per sandbox \(1\)"),
        (Quota(sandbox_memory=2), r"Memory request 4GB exceeds maximum allowed per sandbox \(2GB\)"),
        (Quota(sandbox_disk=5), r"Disk request 8GB exceeds maximum allowed per sandbox \(5GB\)"),
        (Quota(memory=3), r"Total memory limit exceeded. Maximum allowed: 3GiB"),
    ],
)
async def test_one_sandbox_may_not_be_too_large(
    open_emulator: OpenEmulator, connect: Connect, quota: Quota, words: str
) -> None:
    daytona = await connect(await open_emulator(quota=quota))
    with pytest.raises(DaytonaBadRequestError, match=words):
        await daytona.create(CreateSandboxFromSnapshotParams(snapshot="daytona-medium"))


async def test_the_usage_overview_follows_every_change(emulator: Emulator, connect: Connect, api: Api) -> None:
    organizations = OrganizationsApi(await api(emulator))
    daytona = await connect(emulator)

    async def used() -> tuple[float, float, float]:
        overview = await organizations.get_organization_usage_overview(ORGANIZATION_ID)
        place = next(each for each in overview.region_usage if (each.region_id, each.sandbox_class) == PLACE)
        return place.current_cpu_usage, place.current_memory_usage, place.current_disk_usage

    assert await used() == (0, 0, 0)
    sandbox = await daytona.create()
    assert await used() == (1, 1, 3)
    await sandbox.stop()
    assert await used() == (0, 0, 3)
    await sandbox.archive()
    assert await used() == (0, 0, 0)
    await sandbox.start()
    assert await used() == (1, 1, 3)
    await sandbox.delete(wait=True)
    assert await used() == (0, 0, 0)


async def test_the_operator_changes_quotas_and_nobody_else(emulator: Emulator, http: aiohttp.ClientSession) -> None:
    path = f"/api/organizations/{ORGANIZATION_ID}"
    async with http.patch(f"{path}/quota", json={"maxCpuPerSandbox": 1, "volumeQuota": 2}) as response:
        assert response.status == 204
    async with http.patch(f"{path}/quota/us", json={"totalCpuQuota": 5, "sandboxClass": "container"}) as response:
        assert response.status == 204
    async with http.get(f"{path}/usage") as response:
        overview = await response.json()
    us, eu = overview["regionUsage"][0], overview["regionUsage"][2]
    assert (us["totalCpuQuota"], us["maxCpuPerSandbox"], overview["totalVolumeQuota"]) == (5, 1, 2)
    assert eu["totalCpuQuota"] > 5

    made = await (await http.post("/api/api-keys", json={"name": "all", "permissions": []})).json()
    headers = {"Authorization": f"Bearer {made['value']}"}
    async with http.patch(f"{path}/quota", json={"maxCpuPerSandbox": 9}, headers=headers) as response:
        assert response.status == 403
    for wrong in ({"maxCpuPerSandbox": "many"}, {"maxCpuPerSandbox": -1}, {"maxCpuPerSandbox": True}):
        async with http.patch(f"{path}/quota", json=wrong) as response:
            assert response.status == 400
    async with http.patch(f"{path}/quota/mars", json={"totalCpuQuota": 5}) as response:
        assert response.status == 404


@pytest.mark.parametrize(
    ("state", "desired", "share"),
    [
        ("creating", "started", Amount(2, 4, 8)),
        ("pulling_snapshot", "started", Amount(2, 4, 8)),
        ("started", "started", Amount(2, 4, 8)),
        ("stopping", "stopped", Amount(2, 4, 8)),
        ("resizing", "started", Amount(2, 4, 8)),
        ("resizing", "stopped", Amount(disk=8)),
        ("stopped", "stopped", Amount(disk=8)),
        ("paused", "paused", Amount(disk=8)),
        ("archiving", "archived", Amount(disk=8)),
        ("archived", "archived", NOTHING),
        ("error", "started", NOTHING),
        ("build_failed", "started", NOTHING),
        ("destroying", "destroyed", NOTHING),
    ],
)
def test_what_each_state_uses(state: str, desired: str, share: Amount) -> None:
    record = SandboxRecord(new_id(), "one", state=state, desired_state=desired, cpu=2, memory=4, disk=8)
    assert share_of(record) == share


def test_the_running_count_agrees_with_counting_anew() -> None:
    chance = random.Random(7)
    sandboxes = Fleet(planting.record for planting in fleet(300))
    quotas = Quotas(sandboxes)
    states = ["started", "stopped", "archived", "error", "resizing", "destroyed"]
    for _ in range(2_000):
        record = chance.choice(list(sandboxes.records.values()))
        sandboxes.change(record, state=chance.choices(states, [9, 9, 9, 2, 2, 1])[0], cpu=chance.randint(1, 8))
        if chance.random() < 0.1:
            sandboxes.add(SandboxRecord(new_id(), new_id(), target=chance.choice(["us", "eu"])))

    counted: dict[tuple[str, str], Amount] = {}
    for record in sandboxes.records.values():
        place = record.target, record.sandbox_class
        counted[place] = counted.get(place, NOTHING) + share_of(record)
    assert {place: amount for place, amount in quotas.used.items() if amount != NOTHING} == counted


def test_quotas_are_spelt_as_names_and_numbers() -> None:
    quota = parse_quota("cpu=10, memory=20,sandbox-disk=5,volumes=0")
    assert (quota.cpu, quota.memory, quota.sandbox_disk, quota.volumes) == (10, 20, 5, 0)
    assert quota.disk == Quota().disk


@pytest.mark.parametrize("text", ["", "cpu", "cpu=", "cpu=-1", "cpu=1.5", "colour=1", "cpu=99999999999999999"])
def test_other_spellings_are_refused_in_one_line(text: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["--quota", text]) == 2
    said = capfd.readouterr().err
    assert said.count("\n") == 1
    assert "quota" in said


async def test_so_many_snapshots_and_no_more(open_emulator: OpenEmulator, connect: Connect, bare: Http) -> None:
    emulator = await open_emulator(quota=Quota(snapshots=1))  # the one that is there from the start
    sandbox = await (await connect(emulator)).create()
    http = await bare(emulator)
    async with http.post(f"/api/sandbox/{sandbox.id}/snapshot", json={"name": "one-too-many"}) as response:
        body = await response.json()
    assert (response.status, body["message"]) == (400, "Snapshot quota exceeded. Maximum allowed: 1")


async def test_so_many_volumes_and_secrets_and_no_more(open_emulator: OpenEmulator, bare: Http) -> None:
    http = await bare(await open_emulator(quota=Quota(volumes=2, secrets=1)))
    volumes = [await http.post("/api/volumes", json={"name": name}) for name in ("one", "two", "three")]
    secrets = [await http.post("/api/secret", json={"name": name, "value": "hidden"}) for name in ("one", "two")]

    assert [each.status for each in volumes + secrets] == [200, 200, 400, 201, 400]
    assert (await volumes[-1].json())["message"] == "Volume quota exceeded. Maximum allowed: 2"
    assert (await secrets[-1].json())["message"] == "Secret quota exceeded. Maximum allowed: 1"

    found = await (await http.get("/api/volumes/by-name/one")).json()
    await http.delete(f"/api/volumes/{found['id']}")
    async with http.post("/api/volumes", json={"name": "three"}) as response:
        assert response.status == 200
