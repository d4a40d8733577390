"""Sandboxes that are made: the request, and the wait until the new one runs."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from daytona_tui.client import settling
from daytona_tui.client.contexts import ContextsPart
from daytona_tui.client.errors import scrub
from daytona_tui.client.mapping import sandbox_from
from daytona_tui.client.records import RecordsPart
from daytona_tui.client.settling import Goal
from daytona_tui.config.connection import Secret
from daytona_tui.domain.code import Language
from daytona_tui.domain.creation import (
    LANGUAGE_LABEL,
    CreateOrder,
    FromBuilder,
    FromDockerfile,
    FromImage,
    FromSnapshot,
    Source,
)
from daytona_tui.domain.masking import masked_value
from daytona_tui.domain.sandbox import Sandbox, SandboxId, SandboxState
from daytona_tui.errors import ConfigError, DaytonaTuiError, NotFoundError, ProtocolError

if TYPE_CHECKING:
    from daytona.common.image import Image

_MADE = Goal(
    "creating",
    "started",
    frozenset({SandboxState.STARTED}),
    via=frozenset(
        {
            SandboxState.CREATING,
            SandboxState.PENDING_BUILD,
            SandboxState.BUILDING_SNAPSHOT,
            SandboxState.PULLING_SNAPSHOT,
            SandboxState.STARTING,
        }
    ),
)


class CreationPart(ContextsPart, RecordsPart):
    """Implements ``Creator``."""

    async def dockerfile_of(self, source: Source) -> str:
        """Return the Dockerfile that ``source`` stands for; empty for a snapshot."""
        match source:
            case FromSnapshot():
                return ""
            case FromDockerfile(text):
                return text
            case _:
                await self._link.sdk()  # its loading is not for the loop
                return _built(source)

    async def request_sandbox(self, order: CreateOrder, contexts: tuple[str, ...] = ()) -> Sandbox:
        """Ask for a sandbox and return it as the server answers."""
        from daytona_api_client_async import CreateSandbox

        body = CreateSandbox.model_validate(_body(order, await self.dockerfile_of(order.source), contexts))
        try:
            async with self._link.calling("creating the sandbox") as sdk:
                if body.target is None and sdk.connection.target:
                    body.target = sdk.connection.target
                told = await self._ask_api(sdk.sandboxes.create_sandbox_without_preload_content(body))
        except DaytonaTuiError as error:
            for name, value in order.env.items():  # a server may say in its refusal what it was sent
                if masked_value(name, value) != value:
                    scrub(error, Secret(value))
            raise
        sandbox = sandbox_from(told)
        if sandbox is None:
            raise ProtocolError("the new sandbox's record has an unknown form", source="api")
        return sandbox

    async def await_creation(self, sandbox_id: SandboxId, *, timeout_s: float) -> Sandbox:
        """Wait until a sandbox that was asked for runs."""
        deadline = time.monotonic() + timeout_s
        sandbox = await settling.settle(_MADE, lambda: self.get(sandbox_id), deadline=deadline)
        if sandbox is None:
            raise NotFoundError("the sandbox is gone", source="api")
        return sandbox


def _built(source: FromImage | FromBuilder) -> str:
    """Return the Dockerfile that the SDK's own builder makes."""
    from daytona.common.errors import DaytonaError
    from daytona.common.image import Image

    if isinstance(source, FromImage):
        return Image.base(source.image).dockerfile()
    try:
        image = Image.base(source.base) if source.base else Image.debian_slim(source.python or None)  # type: ignore[arg-type]  # checked there
        return _with_parts(image, source).dockerfile()
    except DaytonaError as error:
        raise ConfigError(str(error)) from None


def _with_parts(image: Image, source: FromBuilder) -> Image:
    if source.env:
        image = image.env(dict(source.env))
    image = image.pip_install(*source.packages).run_commands(*source.commands)
    if source.workdir:
        image = image.workdir(source.workdir)
    return image.dockerfile_commands([f"USER {source.user}"]) if source.user else image


def _body(order: CreateOrder, dockerfile: str, contexts: tuple[str, ...]) -> Mapping[str, Any]:
    """Return the request by the names of the generated client; None is not sent."""
    language = order.language or Language.PYTHON  # as the SDK does: its own programs read the label
    said: dict[str, Any] = {
        "name": order.name or None,
        "user": order.user or None,
        "env": dict(order.env),
        "labels": {LANGUAGE_LABEL: language.value, **order.labels},
        "public": order.public or None,
        "target": order.target or None,
        "auto_stop_interval": order.auto_stop_min,
        "auto_pause_interval": order.auto_pause_min,
        "auto_archive_interval": order.auto_archive_min,
        "auto_delete_interval": order.deletes_after_min,
        "ttl_minutes": order.ttl_min,
        "queue_timeout": order.queue_timeout_min,
        "volumes": [
            {"volume_id": mount.volume, "mount_path": mount.path, "subpath": mount.subpath or None}
            for mount in order.volumes
        ],
        "secrets": [{variable: name} for variable, name in order.secrets.items()] or None,
        "network_block_all": order.block_network or None,
        "network_allow_list": ",".join(order.networks) or None,
        "domain_allow_list": ",".join(order.domains) or None,
        "outbound_proxy_url": order.outbound_proxy or None,
        "otel_endpoint_override": order.telemetry_endpoint or None,
        "linked_sandbox": order.linked_to or None,
        "kvm": order.kvm or None,
        "spot": order.spot or None,
    }
    if isinstance(order.source, FromSnapshot):
        said["snapshot"] = order.source.name or None
    else:
        said["build_info"] = {"dockerfile_content": dockerfile, "context_hashes": list(contexts) or None}
        said |= {"cpu": order.cpu, "memory": order.memory_gib, "disk": order.disk_gib, "gpu": order.gpu}
        said["gpu_type"] = list(order.gpu_types) or None
    return {name: value for name, value in said.items() if value is not None}
