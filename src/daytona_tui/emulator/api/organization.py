"""Routes of the organisation: itself, what it uses and may use, and its people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from aiohttp import web

from daytona_tui.emulator import wire
from daytona_tui.emulator.accounts.counts import counted_snapshots, counted_volumes
from daytona_tui.emulator.accounts.quotas import NOTHING, Amount, Place
from daytona_tui.emulator.api.control import Control
from daytona_tui.emulator.api.reading import check_choice, json_object
from daytona_tui.emulator.api.regions import REGIONS
from daytona_tui.emulator.envelope import ApiError
from daytona_tui.emulator.fleet.records import ORGANIZATION_ID, utcnow
from daytona_tui.emulator.gate import limits
from daytona_tui.emulator.gate.access import ACTOR

CLASSES = ("container", "linux-vm")
"""Classes of sandboxes that can be had."""
GPU_TYPES = ("H100",)
"""Kinds of GPU that can be had, on paper."""

_NAME = "Local Emulator"
_NEVER = "1970-01-01T00:00:00.000Z"  # clients insist on a moment where a real server has none
_SNAPSHOT_TIMEOUT_MINUTES = 20_160
_BORN = utcnow()

_QUOTA_FIELDS = {
    "maxCpuPerSandbox": "sandbox_cpu",
    "maxMemoryPerSandbox": "sandbox_memory",
    "maxDiskPerSandbox": "sandbox_disk",
    "snapshotQuota": "snapshots",
    "volumeQuota": "volumes",
    "secretQuota": "secrets",
    "maxSecretsPerSandbox": "sandbox_secrets",
}
_LIMIT_FIELDS = {
    "authenticatedRateLimit": limits.AUTHENTICATED,
    "sandboxCreateRateLimit": limits.CREATE,
    "sandboxLifecycleRateLimit": limits.LIFECYCLE,
}
_REGION_FIELDS = {
    "totalCpuQuota": "cpu",
    "totalMemoryQuota": "memory",
    "totalDiskQuota": "disk",
    "totalGpuQuota": "gpu",
}


class OrganizationRoutes:
    """The routes under ``/api/organizations``, and those that lead to it from a sandbox."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def routes(self) -> list[web.RouteDef]:
        """Return the routes."""
        one = "/api/organizations/{organization}"
        return [
            web.get("/api/organizations", self.organizations),
            web.get("/api/organizations/invitations", self.nothing),
            web.get("/api/organizations/invitations/count", self.no_invitations),
            web.get(one, self.organization),
            web.get(f"{one}/usage", self.usage),
            web.patch(f"{one}/quota", self.set_quota),
            web.patch(f"{one}/quota/{{region}}", self.set_region_quota),
            web.get(f"{one}/available-sandbox-classes", self.classes),
            web.get(f"{one}/gpu-capacity", self.gpu_capacity),
            web.get(f"{one}/users", self.members),
            web.get(f"{one}/roles", self.nothing_of_one),
            web.get(f"{one}/invitations", self.nothing_of_one),
            web.get("/api/sandbox/{sandbox}/organization", self.organization_of_sandbox),
            web.get("/api/sandbox/{sandbox}/region-quota", self.region_quota),
        ]

    async def organizations(self, _request: web.Request) -> web.Response:
        """Answer the one organisation."""
        return web.json_response([self._organization()])

    async def organization(self, request: web.Request) -> web.Response:
        """Answer the organisation."""
        check_organization(request)
        return web.json_response(self._organization())

    async def organization_of_sandbox(self, request: web.Request) -> web.Response:
        """Answer the organisation that a sandbox belongs to."""
        self._control.sandbox_of(request)
        return web.json_response(self._organization())

    async def usage(self, request: web.Request) -> web.Response:
        """Answer what is used and what may be, by region and class; snapshots and volumes altogether."""
        check_organization(request)
        quotas = self._control.quotas
        body = {
            "regionUsage": [
                {**self._limits_of(place), **_spelt(quotas.used.get(place, NOTHING), "current{}Usage")}
                for place in self._places()
            ],
            "totalSnapshotQuota": quotas.quota.snapshots,
            "currentSnapshotUsage": counted_snapshots(self._control.catalogue),
            "totalVolumeQuota": quotas.quota.volumes,
            "currentVolumeUsage": counted_volumes(self._control.catalogue),
        }
        return web.json_response(body)

    async def region_quota(self, request: web.Request) -> web.Response:
        """Answer what may be used in the region and class of a sandbox."""
        record = self._control.sandbox_of(request)
        limits_of = self._limits_of((record.target, record.sandbox_class))
        return web.json_response({"organizationId": ORGANIZATION_ID, **limits_of, "maxSandboxLifespan": None})

    async def set_quota(self, request: web.Request) -> web.Response:
        """Change quotas of the organisation; only with the emulator's own key, until it ends."""
        _operator(request)
        body = await json_object(request)
        amounts = {name: _amount(body, name) for name in (*_QUOTA_FIELDS, *_LIMIT_FIELDS) if body.get(name) is not None}
        quotas, limiters = self._control.quotas, self._control.limits
        given = {field: amounts[name] for name, field in _QUOTA_FIELDS.items() if name in amounts}
        quotas.quota = replace(quotas.quota, **given)
        for name, limiter in _LIMIT_FIELDS.items():
            if name in body:
                limiters.set(limiter, amounts.get(name) or None)
        return web.Response(status=204)

    async def set_region_quota(self, request: web.Request) -> web.Response:
        """Change the totals of a region; only with the emulator's own key, until it ends."""
        _operator(request)
        region = request.match_info["region"]
        if region not in REGIONS:
            raise ApiError(404, "Region not found")
        body = await json_object(request)
        sandbox_class = body.get("sandboxClass") or CLASSES[0]
        check_choice("sandboxClass", sandbox_class, CLASSES)
        given = {field: _amount(body, name) for name, field in _REGION_FIELDS.items() if body.get(name) is not None}
        place = region, sandbox_class
        self._control.quotas.places[place] = replace(self._control.quotas.total(place), **given)
        return web.Response(status=204)

    async def classes(self, request: web.Request) -> web.Response:
        """Answer the classes of sandboxes that each region has."""
        check_organization(request)
        return web.json_response([self._class_in(place) for place in self._places()])

    async def gpu_capacity(self, request: web.Request) -> web.Response:
        """Answer how many GPUs are free by the quotas; the sandboxes' GPUs are on paper only."""
        check_organization(request)
        quotas = self._control.quotas
        free = sum(max(0, (quotas.total(place) - quotas.used.get(place, NOTHING)).gpu) for place in self._places())
        capacity = [{"gpuType": each, "availableOnDemand": free, "availableSpot": 0} for each in GPU_TYPES]
        return web.json_response({"observedAt": wire.instant(self._control.fleet.clock.now()), "capacity": capacity})

    async def members(self, request: web.Request) -> web.Response:
        """Answer the people who have keys."""
        check_organization(request)
        people = {key.user.id: key for key in reversed(list(self._control.access.keys))}
        born = wire.instant(_BORN)
        body: list[wire.Json] = [
            {
                "userId": key.user.id,
                "organizationId": ORGANIZATION_ID,
                "name": key.user.name,
                "email": key.user.email,
                "role": "owner" if key.is_admin else "member",
                "assignedRoles": [],
                "createdAt": born,
                "updatedAt": born,
            }
            for key in reversed(people.values())
        ]
        return web.json_response(body)

    async def nothing(self, _request: web.Request) -> web.Response:
        """Answer that there are none."""
        return web.json_response([])

    async def nothing_of_one(self, request: web.Request) -> web.Response:
        """Answer that the organisation has none."""
        check_organization(request)
        return web.json_response([])

    async def no_invitations(self, _request: web.Request) -> web.Response:
        """Answer that nobody invites the caller."""
        return web.json_response(0)

    def _organization(self) -> wire.Json:
        quota, limiters = self._control.quotas.quota, self._control.limits
        born = wire.instant(_BORN)
        body: wire.Json = {
            "id": ORGANIZATION_ID,
            "name": _NAME,
            "createdBy": "local-user",
            "personal": True,
            "createdAt": born,
            "updatedAt": born,
            "suspended": False,
            "suspendedAt": _NEVER,
            "suspensionReason": "",
            "suspendedUntil": _NEVER,
            "suspensionCleanupGracePeriodHours": 24,
            "snapshotDeactivationTimeoutMinutes": _SNAPSHOT_TIMEOUT_MINUTES,
            "defaultQueueTimeout": None,
            "sandboxLimitedNetworkEgress": False,
            "previewWarningEnabled": False,
            "ssoEnabled": False,
            "scimEnabled": False,
            "defaultRegionId": REGIONS[0],
            "experimentalConfig": {},
            "otelConfig": None,
        }
        body.update((name, getattr(quota, field)) for name, field in _QUOTA_FIELDS.items() if name in _SHOWN)
        for name, limiter in _LIMIT_FIELDS.items():
            body[name] = limiters.limit(limiter)
            body[f"{name}TtlSeconds"] = None if limiters.limit(limiter) is None else limits.TTL_S
        return body

    def _limits_of(self, place: Place) -> wire.Json:
        quota, total = self._control.quotas.quota, self._control.quotas.total(place)
        return {
            "regionId": place[0],
            "sandboxClass": place[1],
            **_spelt(total, "total{}Quota"),
            "allowedGpuTypes": list(GPU_TYPES) if total.gpu else [],
            "maxCpuPerSandbox": quota.sandbox_cpu,
            "maxMemoryPerSandbox": quota.sandbox_memory,
            "maxDiskPerSandbox": quota.sandbox_disk,
            "maxDiskPerNonEphemeralSandbox": None,
            "maxCpuPerGpu": None,
            "maxMemoryPerGpu": None,
            "maxDiskPerGpu": None,
        }

    def _places(self) -> list[Place]:
        return [(region, sandbox_class) for region in REGIONS for sandbox_class in CLASSES]

    def _class_in(self, place: Place) -> wire.Json:
        has_gpu = self._control.quotas.total(place).gpu > 0
        types = {"allowedGpuTypes": list(GPU_TYPES)} if has_gpu else {}
        return {"regionId": place[0], "sandboxClass": place[1], "gpuAvailable": has_gpu, **types}


_SHOWN = {"maxCpuPerSandbox", "maxMemoryPerSandbox", "maxDiskPerSandbox", "secretQuota", "maxSecretsPerSandbox"}


def check_organization(request: web.Request) -> None:
    """Let through whoever asks for the one organisation there is.

    Raises:
        ApiError: 403 for another.
    """
    if request.match_info["organization"] != ORGANIZATION_ID:
        raise ApiError(403, "Access denied")


def _operator(request: web.Request) -> None:
    check_organization(request)
    if not request[ACTOR].is_admin:
        raise ApiError(403, "Access denied")


def _amount(body: Mapping[str, Any], name: str) -> int:
    value = body[name]
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= limits.MOST:
        raise ApiError(400, f"{name} must be a number conforming to the specified constraints")
    return value


def _spelt(amount: Amount, pattern: str) -> dict[str, object]:
    return {
        pattern.format("Cpu"): amount.cpu,
        pattern.format("Memory"): amount.memory,
        pattern.format("Disk"): amount.disk,
        pattern.format("Gpu"): amount.gpu,
    }
