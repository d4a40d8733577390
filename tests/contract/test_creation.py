"""Sandboxes that are made through the real SDK's client, against a real emulator."""

from __future__ import annotations

import json

import pytest
from tests.contract.helpers import Gateways, connection_to

from daytona_tui.client.gateway import DaytonaGateway
from daytona_tui.domain.code import Language
from daytona_tui.domain.creation import (
    CreateOrder,
    FromBuilder,
    FromDockerfile,
    FromImage,
    FromSnapshot,
    Mount,
)
from daytona_tui.domain.sandbox import Resources, SandboxState
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.emulator.server import Emulator
from daytona_tui.errors import ConflictError, NotFoundError, RemoteError


async def test_everything_that_is_ordered_reaches_the_server(gateway: DaytonaGateway, emulator: Emulator) -> None:
    async with gateway._link.calling("preparing") as sdk:
        headers = {"Authorization": f"Bearer {emulator.api_key}"}
        for path, body in (("volumes", {"name": "data"}), ("secret", {"name": "token", "value": "v", "hosts": []})):
            async with sdk.session.post(f"{emulator.api_url}/{path}", json=body, headers=headers) as answer:
                assert answer.status < 300, await answer.text()
    order = CreateOrder(
        name="whole",
        source=FromBuilder(base="debian:12", commands=("echo built",), env={"A": "1"}, workdir="/srv", user="root"),
        target="us",
        user="daytona",
        env={"PLACE": "value"},
        labels={"team": "a"},
        language=Language.TYPESCRIPT,
        cpu=2,
        memory_gib=3,
        disk_gib=4,
        auto_stop_min=7,
        auto_archive_min=8,
        ttl_min=60,
        ephemeral=True,
        public=True,
        volumes=(Mount("data", "/mnt/data", "part"),),
        secrets={"TOKEN": "token"},
        networks=("10.0.0.0/8",),
        queue_timeout_min=5,
        outbound_proxy="http://proxy.example:8080",
        telemetry_endpoint="https://collector.example",
    )
    asked = await gateway.request_sandbox(order)
    made = await gateway.await_creation(asked.id, timeout_s=20)
    record = await gateway.record(made.id)
    assert made.state is SandboxState.STARTED
    assert (made.name, made.region, made.user, made.public) == ("whole", "us", "daytona", True)
    assert made.labels == {"team": "a", "code-toolbox-language": "typescript"}
    assert made.resources == Resources(2, 3, 4, 0)
    assert (made.lifetimes.auto_stop_min, made.lifetimes.auto_archive_min, made.lifetimes.auto_delete_min) == (7, 8, 0)
    assert made.lifetimes.destroy_at is not None
    assert record["env"] == {"PLACE": "value"}
    assert [(each["mountPath"], each["subpath"]) for each in record["volumes"]] == [("/mnt/data", "part")]  # type: ignore[attr-defined]
    assert (record["networkAllowList"], record["queueTimeout"]) == ("10.0.0.0/8", 5)
    assert record["outboundProxyUrl"] == "http://proxy.example:8080"
    assert record["otelEndpointOverride"] == "https://collector.example"
    built = record["buildInfo"]
    assert built["dockerfileContent"] == await gateway.dockerfile_of(order.source)  # type: ignore[index]
    assert (await gateway.run(made.id, "echo $PLACE-$TOKEN")).output.startswith("value-")


async def test_dockerfiles_are_those_of_the_sdk(gateway: DaytonaGateway) -> None:
    assert await gateway.dockerfile_of(FromSnapshot("a")) == ""
    assert await gateway.dockerfile_of(FromImage("debian:12")) == "FROM debian:12\n"
    assert await gateway.dockerfile_of(FromDockerfile("FROM x\n")) == "FROM x\n"
    slim = await gateway.dockerfile_of(
        FromBuilder(python="3.12", packages=("b>=2", "a"), commands=("echo 1",), env={"K": "a b"}, workdir="/w")
    )
    assert slim.startswith("FROM python:3.12.")
    assert slim.endswith("ENV K='a b'\nRUN python -m pip install a 'b>=2'\nRUN echo 1\nWORKDIR /w\n")


async def test_what_the_server_refuses_is_said(gateway: DaytonaGateway) -> None:
    await gateway.request_sandbox(CreateOrder(name="taken"))
    with pytest.raises(ConflictError, match="taken already exists"):
        await gateway.request_sandbox(CreateOrder(name="taken"))
    with pytest.raises(RemoteError, match="not found"):
        await gateway.request_sandbox(CreateOrder(source=FromSnapshot("no-such-snapshot")))
    with pytest.raises(NotFoundError, match="Region nowhere"):
        await gateway.request_sandbox(CreateOrder(target="nowhere"))


async def test_a_build_that_fails_says_why_and_the_sandbox_stays(gateway: DaytonaGateway) -> None:
    asked = await gateway.request_sandbox(CreateOrder(source=FromDockerfile("FROM debian:12\nRUN echo so; exit 3\n")))
    with pytest.raises(RemoteError, match="build_failed"):
        await gateway.await_creation(asked.id, timeout_s=20)
    assert (await gateway.get(asked.id)).state is SandboxState.BUILD_FAILED


async def test_the_region_of_the_connection_holds_where_the_order_names_none(
    emulator: Emulator, open_gateways: Gateways
) -> None:
    from dataclasses import replace

    gateway = open_gateways(replace(connection_to(emulator), target="eu"))
    assert (await gateway.request_sandbox(CreateOrder())).region == "eu"
    assert (await gateway.request_sandbox(CreateOrder(target="us"))).region == "us"


async def test_a_refusal_that_says_what_was_sent_shows_no_secret(gateway: DaytonaGateway, emulator: Emulator) -> None:
    env = {"API_TOKEN": "s3cret-value", "PLACE": "here"}
    emulator.faults.add(FaultRule(method="POST", status=400, text=json.dumps({"message": f"bad {env}"}), times=1))
    with pytest.raises(RemoteError) as caught:
        await gateway.request_sandbox(CreateOrder(name="refused", env=env))
    assert "s3cret-value" not in repr(caught.value)
    assert "here" in caught.value.message
