"""The demonstration fleet: what agents, evaluations and people leave behind in an organisation, with their marks.

The marks (labels, names, intervals) are those the frameworks really set. Ages are relative to now.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from daytona_tui.emulator.fleet.catalogue import HARBOR_SNAPSHOT
from daytona_tui.emulator.fleet.records import utcnow
from daytona_tui.emulator.seed import builds, scenes
from daytona_tui.emulator.seed.garden import Garden
from daytona_tui.emulator.seed.planting import Maker, Planting, Story

_PYTHON = {"code-toolbox-language": "python"}
_TYPESCRIPT = {"code-toolbox-language": "typescript"}
_UNATTENDED: dict[str, Any] = {"auto_stop": 0, "auto_delete": 0}
_MINUTE, _HOUR, _DAY = 1, 60, 1440
_MINE = Story(Maker())
_SAME_EVERY_TIME = 226  # ids that stay from start to start: what was said of one in a session holds in the next


def demo() -> Sequence[Planting]:
    """Return the demonstration fleet; the started ones are furnished with files and running programs.

    The audit log knows the evaluations only: they were made with the emulator's own key.
    """
    garden = Garden(utcnow(), Random(_SAME_EVERY_TIME))
    _people(garden)
    _in_trouble(garden)
    _trials(garden)
    _inspections(garden)
    _agents(garden)
    _toolkits(garden)
    _left_behind(garden)
    return garden.plantings


def _people(garden: Garden) -> None:
    """Plant what people made and look after."""
    garden.plant(
        "scratch",
        "started",
        age=2 * _DAY + 3 * _HOUR,
        idle=2,
        builder=scenes.scratch,
        labels=_PYTHON | {"purpose": "scratch", "keep": "true"},
        snapshot="daytona-small",
    )
    garden.plant(
        "preview-shop",
        "started",
        age=5 * _HOUR,
        idle=8,
        builder=scenes.shop,
        target="eu",
        public=True,
        labels={"team": "storefront", "env": "dev"},
        snapshot="daytona-medium",
        auto_stop=120,
    )
    garden.plant(
        "train-lora-7b",
        "started",
        age=3 * _HOUR + 40,
        idle=95,
        builder=scenes.training,
        snapshot="daytona-gpu",
        labels=_PYTHON | {"owner": "research", "run": "lora-7b-044"},
        ttl=8 * _HOUR,
        **_UNATTENDED,
    )


def _in_trouble(garden: Garden) -> None:
    """Plant what does not run, and why."""
    garden.plant(
        "ml-eval-image",
        "build_failed",
        age=26 * _HOUR,
        idle=26 * _HOUR,
        snapshot=None,
        cpu=4,
        memory=8,
        disk=20,
        labels=_PYTHON | {"owner": "research"},
        story=Story(build_log=builds.LOG),
        build_info=builds.build_info(garden.now - timedelta(minutes=26 * _HOUR)),
        error_reason="image build failed: RUN pip install -r requirements.txt: no matching distribution found "
        "for torch==2.9.1+cu118",
    )
    garden.plant(
        "desktop-agent",
        "paused",
        age=6 * _DAY,
        idle=5 * _HOUR,
        target="eu",
        snapshot="daytona-vm",
        labels=_TYPESCRIPT | {"team": "browser-agents"},
        auto_stop=0,
        auto_pause=60,
    )
    garden.plant(
        "nightly-etl",
        "error",
        age=11 * _DAY,
        idle=7 * _HOUR + 12,
        target="eu",
        snapshot="daytona-large",
        labels=_PYTHON | {"team": "data", "schedule": "nightly"},
        recoverable=True,
        error_reason="no space left on device: /var/lib/docker (10.0 GiB of 10.0 GiB used)",
    )


def _trials(garden: Garden) -> None:
    """Plant what evaluations made that set every trial into a sandbox of its own."""

    def harbor(trial: str, environment: str) -> dict[str, str]:
        return _PYTHON | {
            "harbor.managed": "true",
            "harbor.environment_name": environment,
            "harbor.session_id": f"{trial}__env",
        }

    garden.plant(
        None,
        "started",
        age=26,
        idle=1,
        story=_MINE,
        builder=scenes.harbor_trial,
        snapshot=HARBOR_SNAPSHOT,
        labels=harbor("fix-git-conflict__8Qx2", "fix-git-conflict"),
        **_UNATTENDED,
    )
    garden.plant(
        None,
        "started",
        age=9 * _HOUR + 12,
        idle=9 * _HOUR,
        story=_MINE,
        builder=scenes.stranded("compile-sqlite", hours=9),
        snapshot=HARBOR_SNAPSHOT,
        labels=harbor("compile-sqlite__t3Vd", "compile-sqlite"),
        **_UNATTENDED,
    )
    garden.plant(
        None,
        "error",
        age=9 * _HOUR + 12,
        idle=9 * _HOUR + 11,
        story=_MINE,
        snapshot=HARBOR_SNAPSHOT,
        labels=harbor("crack-7z-hash__Lm0p", "crack-7z-hash"),
        **_UNATTENDED,
        error_reason="timeout waiting for the sandbox daemon to become ready",
    )
    garden.plant(
        None,
        "started",
        age=31 * _HOUR,
        idle=30 * _HOUR,
        story=_MINE,
        builder=scenes.stranded("nightly/parser-fuzz", hours=30),
        snapshot="daytona-medium",
        labels=_PYTHON | {"benchflow.managed": "1:ci-nightly", "benchflow.owner": "ci-nightly"},
        **_UNATTENDED,
    )


def _inspections(garden: Garden) -> None:
    """Plant what one framework for evaluations made, in two runs."""
    run = {"created_by": "inspect-ai", "inspect_run_id": "7f3c9a1e5b2d4c60"}
    garden.plant(
        "inspect-swe-bench-verified-0017-3fa2b1c9",
        "started",
        age=52,
        idle=4,
        story=_MINE,
        builder=scenes.evaluation,
        labels=_PYTHON | run,
        snapshot="daytona-large",
        auto_stop=0,
    )
    garden.plant(
        "inspect-swe-bench-verified-0004-9b71d0e2",
        "stopped",
        age=3 * _HOUR,
        idle=2 * _HOUR + 5,
        story=_MINE,
        labels=_PYTHON | run,
        snapshot="daytona-large",
        auto_stop=0,
    )
    garden.plant(
        "inspect-gaia-0031-c40e77aa",
        "archived",
        age=16 * _DAY,
        idle=12 * _DAY,
        story=_MINE,
        snapshot="daytona-medium",
        labels=_PYTHON | {"created_by": "inspect-ai", "inspect_run_id": "1d90be4477aa0c15"},
        auto_stop=0,
    )


def _agents(garden: Garden) -> None:
    garden.plant(
        "hermes-docs-crawl",
        "started",
        age=8 * _HOUR,
        idle=6 * _HOUR + 20,
        builder=scenes.crawler,
        labels=_PYTHON | {"hermes_task_id": "docs-crawl"},
        auto_stop=0,
    )
    garden.plant(
        "hermes-refactor-auth",
        "stopped",
        age=5 * _DAY,
        idle=4 * _DAY,
        labels=_PYTHON | {"hermes_task_id": "refactor-auth"},
        auto_stop=0,
    )
    garden.plant(
        "crabbox-brisk-otter-1a2b3c4d",
        "started",
        age=2 * _HOUR + 10,
        idle=12,
        builder=scenes.crabbox,
        auto_stop=0,
        labels=_crabbox(garden.now),
        snapshot="daytona-medium",
        ttl=5 * _HOUR,
    )


def _toolkits(garden: Garden) -> None:
    """Plant what libraries made for agents, under names that nobody chose."""
    for session, age, idle in (("a81f02", 2 * _DAY, 41 * _HOUR), ("07bd9c", 9 * _DAY, 9 * _DAY - 90)):
        garden.plant(
            None,
            "stopped",
            age=age,
            idle=idle,
            public=True,
            snapshot="daytona-medium",
            labels=_PYTHON | {"OpenHands_SID": f"{session}e4b7c94d1f"},
            auto_stop=60,
        )
    garden.plant(
        None,
        "archived",
        age=33 * _DAY,
        idle=25 * _DAY,
        auto_stop=60,
        labels={"created_by": "agno_daytona_toolkit", "language": "PYTHON", "persistent": "true"} | _PYTHON,
    )
    garden.plant(
        "daytona-sandbox-mf3k2a9x-q8z1tp",
        "stopped",
        age=30 * _HOUR,
        idle=28 * _HOUR,
        labels=_TYPESCRIPT | {"mastra-sandbox-id": "workspace-42"},
    )
    garden.plant(
        None,
        "started",
        age=3,
        idle=0.5,
        builder=scenes.quick_run,
        auto_stop=5,
        auto_delete=0,
        ttl=27,
        labels=_TYPESCRIPT,
    )


def _left_behind(garden: Garden) -> None:
    garden.plant(None, "stopped", age=2 * _HOUR, idle=31, labels=_PYTHON)
    garden.plant(None, "archived", age=19 * _DAY, idle=12 * _DAY, labels=_PYTHON)
    garden.plant(
        "daytona-sandbox-5d0c1f9e-7c22-4f7e-9d53-0b6f1f2f9a11",
        "stopped",
        age=4 * _HOUR,
        idle=50,
        labels=_TYPESCRIPT,
        auto_archive=60,
        auto_delete=7 * _DAY,
        target="eu",
    )
    garden.plant(
        "kortix-agent-runtime",
        "archived",
        age=21 * _DAY,
        idle=20 * _DAY,
        snapshot="daytona-medium",
        labels=_TYPESCRIPT | {"kortix.managed": "true", "kortix.env": "staging", "kortix.workload": "agent"},
        auto_archive=360,
    )


def _crabbox(now: datetime) -> dict[str, str]:
    created, expires = now - timedelta(minutes=130), now + timedelta(hours=5)
    return {
        "crabbox": "true",
        "created_by": "crabbox",
        "keep": "true",
        "lease": "ls_1a2b3c4d",
        "slug": "brisk-otter",
        "owner": "maria",
        "profile": "default",
        "state": "leased",
        "created_at": str(int(created.timestamp())),
        "expires_at": str(int(expires.timestamp())),
        "ttl_secs": "25200",
        "idle_timeout_secs": "3600",
    }
