"""The marks that frameworks were seen to leave on the sandboxes they make, in the order in which they are tried.

Sources: the published code of each framework and of its integration with Daytona. Whoever finds another mark adds a
line here; users have rules of their own in the settings file.
"""

from __future__ import annotations

import re
from typing import Final

from daytona_tui.domain.ownership.owner import Confidence
from daytona_tui.domain.ownership.rules import Labelling, LabelRule, NameRule, Naming, ShapeRule, SnapshotRule

LABEL_RULES: Final = (
    LabelRule("benchflow.", "benchflow", ("benchflow.owner",)),
    LabelRule("harbor.", "harbor", ("harbor.session_id",), run_end="__env"),
    LabelRule("hermes_task_id", "hermes", ("hermes_task_id",)),
    LabelRule("OpenHands_SID", "openhands", ("OpenHands_SID",)),
    LabelRule("inspect_run_id", "inspect-ai", ("inspect_run_id",)),
    LabelRule("kortix.", "kortix", ("kortix.workload",)),
    LabelRule("crabbox", "crabbox", ("slug", "lease"), "true"),
    LabelRule("openinspect_", "open-inspect", ("openinspect_session_id",)),
    LabelRule("mastra-sandbox-id", "mastra", ("mastra-sandbox-id",)),
    LabelRule("omnigent-name", "omnigent", ("omnigent-name",)),
    LabelRule("openenv-", "openenv", ("openenv-run-id",)),
    LabelRule("created_by", "inspect-ai", ("inspect_run_id",), "inspect-ai"),
    LabelRule("created_by", "agno", (), "agno_daytona_toolkit"),
    LabelRule("created_by", "crabbox", ("slug", "lease"), "crabbox"),
    LabelRule("created-by", "pi", ("session-id",), "pi-daytona"),
    LabelRule("sandbox-api", "nemo-gym", ("sandbox_id",), "daytona-sdk", also=("sandbox_id", "nemo-gym-*")),
)
"""Labels that one framework alone sets."""

NAME_RULES: Final = (
    NameRule("hermes-", "hermes", re.compile(r"(?P<run>.+)", re.DOTALL)),
    NameRule("inspect-", "inspect-ai"),
    NameRule("pi-", "pi", re.compile(r"(?P<run>.+)", re.DOTALL)),
    NameRule("crabbox-", "crabbox"),
    NameRule("opencode-", "opencode"),
    NameRule("fabro-", "fabro", re.compile(r"(?P<run>.+)", re.DOTALL)),
    NameRule("nemo-gym-", "nemo-gym"),
    NameRule("daytona-sandbox-", "n8n", re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")),
    NameRule("daytona-sandbox-", "mastra"),
    NameRule("sandagent-", "bunny-agent"),
)
"""How frameworks begin their names. Others may begin theirs so too: never a reason to delete without asking."""

SNAPSHOT_RULES: Final = (
    SnapshotRule(re.compile(r"harbor__.+__snapshot(\Z|[:@])", re.DOTALL), "harbor"),
    SnapshotRule(re.compile(r"kortix-snap-"), "kortix"),
    SnapshotRule(re.compile(r"agenta-agent-sandbox-"), "agenta"),
    SnapshotRule(re.compile(r"(docker\.io/)?(library/)?docker:[^/]*-dind(\Z|@)"), "harbor"),
)
"""Snapshots that frameworks make or start from."""

PERSON_LABELS: Final = ("owner", "created_by", "created-by", "user", "team")
"""Labels that name a person or a team, the more personal first."""

SAMPLE_RULES: Final = (
    LabelRule("package", "deepagents", (), "deepagents", confidence=Confidence.LIKELY),
    LabelRule("evaluation", "react-doctor", ("evaluation",), confidence=Confidence.GUESS),
    LabelRule("thread_id", "langchain", ("thread_id",), confidence=Confidence.GUESS),
)
"""Labels that a framework sets or its documents propose, and that others may well use."""

_DEFAULT_STOP, _DEFAULT_ARCHIVE, _NEVER = 15, 7 * 1440, -1

SHAPE_RULES: Final = (
    ShapeRule(
        "its name is a UUID of its own and auto-stop is off, as the OpenAI Agents SDK does",
        "openai-agents",
        auto_stop=0,
        naming=Naming.OTHER_UUID,
    ),
    ShapeRule(
        "auto-stop 9h and auto-delete 24h, as Harbor's agent server does",
        "harbor",
        auto_stop=540,
        auto_delete=1440,
        labelling=Labelling.LANGUAGE_ONLY,
    ),
    ShapeRule(
        "no name, no labels, auto-stop off, deletes on stop, as Harbor without its labels and its relatives do",
        "harbor",
        auto_stop=0,
        auto_delete=0,
        naming=Naming.ID,
        labelling=Labelling.LANGUAGE_ONLY,
    ),
    ShapeRule(
        "auto-stop 15m, auto-archive 1h and auto-delete 7d, as n8n does",
        "n8n",
        auto_stop=15,
        auto_archive=60,
        auto_delete=10080,
        labelling=Labelling.LANGUAGE_ONLY,
    ),
    ShapeRule(
        "no name, no labels, auto-stop 10h, deletes on stop, as Valkyrie does",
        "valkyrie",
        auto_stop=600,
        auto_delete=0,
        naming=Naming.ID,
        labelling=Labelling.LANGUAGE_ONLY,
    ),
    ShapeRule("no language label: made over REST, in the dashboard or by the CLI", labelling=Labelling.NO_LANGUAGE),
    ShapeRule(
        "defaults only: a plain create() of the SDK",
        auto_stop=_DEFAULT_STOP,
        auto_archive=_DEFAULT_ARCHIVE,
        auto_delete=_NEVER,
        labelling=Labelling.LANGUAGE_ONLY,
        confidence=Confidence.UNKNOWN,
    ),
)
"""What the settings of a sandbox look like, where nothing else tells."""
