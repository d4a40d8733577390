"""What harnesses and agents leave on their sandboxes: labels, names, intervals, snapshots, as their sources set them.

Each function returns fields of a sandbox's record; ``name`` is missing where the framework passes none. What sets
them is said beside each: a package and its version, or a repository. Sizes are plausible, not published.
"""

from __future__ import annotations

from random import Random
from typing import Any
from uuid import UUID

Marks = dict[str, Any]
"""Fields of a sandbox's record."""

PYTHON = {"code-toolbox-language": "python"}
TYPESCRIPT = {"code-toolbox-language": "typescript"}
HOUR, DAY = 60, 1440

TASKS = (
    "compile-sqlite",
    "fix-git-conflict",
    "crack-7z-hash",
    "build-linux-kernel",
    "train-fasttext",
    "qemu-startup",
    "parser-fuzz",
    "path-tracing",
    "cobol-modernization",
    "raman-fitting",
    "write-compressor",
    "chess-best-move",
)
_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_UNATTENDED: Marks = {"auto_stop": 0, "auto_delete": 0}
"""Auto-stop off and delete-on-stop: what Harbor, benchflow and pier ship."""


def hexadecimal(chance: Random, digits: int) -> str:
    """Return random hexadecimal digits."""
    return f"{chance.getrandbits(4 * digits):0{digits}x}"


def letters(chance: Random, count: int) -> str:
    """Return random letters as short identifiers have them."""
    return "".join(chance.choice(_LETTERS) for _ in range(count))


def size(chance: Random) -> Marks:
    """Return the resources that a task may ask for, within what one sandbox may have."""
    cpu, memory, disk = chance.choice(((1, 2, 5), (1, 2, 10), (2, 4, 10), (2, 4, 8), (4, 8, 10)))
    return {"snapshot": None, "cpu": cpu, "memory": memory, "disk": disk}


def harbor_trial(chance: Random) -> tuple[str, str]:
    """Return the names of a task and of one trial of it."""
    task = chance.choice(TASKS)
    return task, f"{task}__{letters(chance, 7)}"


def harbor(chance: Random, task: str, trial: str) -> Marks:
    """Harbor 0.25, ``environments/daytona``."""
    snapshot = f"harbor__{hexadecimal(chance, 12)}__snapshot"
    labels = {"harbor.managed": "true", "harbor.environment_name": task, "harbor.session_id": f"{trial}__env"}
    return size(chance) | {"snapshot": snapshot, "labels": PYTHON | labels} | _UNATTENDED


def harbor_unlabelled(chance: Random) -> Marks:
    """Pier, older Harbor, and Harbor with ``auto_labels`` off."""
    return size(chance) | {"labels": dict(PYTHON)} | _UNATTENDED


def harbor_kept(chance: Random, task: str, trial: str) -> Marks:
    """Harbor's agent server (pull request 3106) keeps a sandbox for nine hours, and its files for a day."""
    return harbor(chance, task, trial) | {"auto_stop": 9 * HOUR, "auto_delete": 24 * HOUR}


def benchflow(chance: Random, owner: str) -> Marks:
    """Benchflow 0.7.11, ``sandbox/daytona_reaper.py``."""
    labels = {"benchflow.managed": f"1:{owner}", "benchflow.owner": owner}
    return size(chance) | {"labels": PYTHON | labels} | _UNATTENDED


def inspect(chance: Random, run: str, task: str, sample: int) -> Marks:
    """``inspect_sandboxes`` 0.6.1: never stops by itself, never deletes."""
    name = f"inspect-{task}-{sample:04d}-{hexadecimal(chance, 8)}"
    labels = {"created_by": "inspect-ai", "inspect_run_id": run}
    return size(chance) | {"name": name, "labels": PYTHON | labels, "auto_stop": 0}


def hermes(chance: Random, job: str) -> Marks:
    """``hermes-agent`` 0.19: persistent tasks, auto-stop off."""
    task = f"{job}-{letters(chance, 4).lower()}"
    return {"name": f"hermes-{task}", "labels": PYTHON | {"hermes_task_id": task}, "auto_stop": 0}


def openai_agents(chance: Random) -> Marks:
    """``openai-agents`` 0.24: the session's UUID as name, auto-stop off."""
    name = str(UUID(int=chance.getrandbits(128), version=4))
    return {"name": name, "labels": dict(PYTHON), "auto_stop": 0, "snapshot": "daytona-medium"}


def omnigent(chance: Random) -> Marks:
    """omnigent: auto-stop off, its machinery ends sessions."""
    labels = {"omnigent-name": f"managed-{hexadecimal(chance, 10)}"}
    return {"labels": PYTHON | labels, "auto_stop": 0, "snapshot": "daytona-medium"}


def wrapper(chance: Random) -> Marks:
    """A wrapper that turns auto-stop off under a caller who asked for delete-on-stop: the two cancel each other out."""
    return {"name": f"claw-{letters(chance, 6).lower()}", "labels": dict(TYPESCRIPT), **_UNATTENDED}


def bare(_chance: Random) -> Marks:
    """``create()`` and nothing else: deepagents, SWE-ReX, crewAI, a notebook."""
    return {"labels": dict(PYTHON)}


def openhands(chance: Random) -> Marks:
    """OpenHands: an hour of auto-stop, public, stops when it closes and keeps the files for ever."""
    labels = {"OpenHands_SID": hexadecimal(chance, 16)}
    return {"labels": PYTHON | labels, "auto_stop": HOUR, "public": True, "snapshot": "daytona-large"}


def openhands_endless(chance: Random) -> Marks:
    """OpenHands with ``DAYTONA_DISABLE_AUTO_STOP``."""
    return openhands(chance) | {"auto_stop": 0}


def agno(_chance: Random) -> Marks:
    """Agno's toolkit: ``persistent`` by its own label, never deletes."""
    labels = {"created_by": "agno_daytona_toolkit", "language": "PYTHON", "persistent": "true"}
    return {"labels": PYTHON | labels, "auto_stop": HOUR}


def mastra(chance: Random) -> Marks:
    """Mastra: ``stop()`` leaves it stopped, only ``destroy()`` deletes."""
    name = f"daytona-sandbox-{hexadecimal(chance, 8)}-{letters(chance, 6).lower()}"
    return {"name": name, "labels": TYPESCRIPT | {"mastra-sandbox-id": f"workspace-{chance.randrange(1000)}"}}


def rllm(chance: Random) -> Marks:
    """rLLM: half an hour of auto-stop, no deletion; each evaluated task once left one."""
    return {"name": f"rllm-eval-{hexadecimal(chance, 6)}", "labels": dict(PYTHON), "auto_stop": 30, **size(chance)}


def kortix(chance: Random) -> Marks:
    """Kortix (Suna): managed, with reapers of its own."""
    labels = {"kortix.managed": "true", "kortix.env": "production", "kortix.workload": "agent"}
    marks: Marks = {"labels": TYPESCRIPT | labels | {"kortix.sandbox_id": hexadecimal(chance, 12)}}
    return marks | {"snapshot": "daytona-medium", "auto_archive": 6 * HOUR}


def n8n(chance: Random) -> Marks:
    """n8n's assistant: archived after an hour, so that its deletion after a week never comes."""
    name = f"daytona-sandbox-{UUID(int=chance.getrandbits(128), version=4)}"
    return {"name": name, "labels": dict(TYPESCRIPT), "auto_archive": HOUR, "auto_delete": 7 * DAY}


def pi(chance: Random) -> Marks:
    """The pi extension: one for each session of an editor on somebody's machine."""
    session = hexadecimal(chance, 12)
    labels = {"created-by": "pi-daytona", "session-id": session}
    return {"name": f"pi-{session}", "labels": TYPESCRIPT | labels}


def nemo_gym(chance: Random) -> Marks:
    """NeMo Gym: bounded by its intervals."""
    name = f"nemo-gym-{hexadecimal(chance, 32)}"
    labels = {"sandbox_id": name, "sandbox-api": "daytona-sdk"}
    return {"name": name, "labels": PYTHON | labels, "auto_stop": 30, "auto_delete": 600}


def openenv(chance: Random, run: str) -> Marks:
    """OpenEnv in miles: a dead man's switch by a keep-alive, and two intervals."""
    labels = {"openenv-tbench2-task": chance.choice(TASKS), "openenv-launcher": "miles", "openenv-run-id": run}
    return {"labels": PYTHON | labels, "auto_stop": 30, "auto_delete": 120} | size(chance)


def sim(_chance: Random) -> Marks:
    """Sim: delete-on-stop and a time to live."""
    return {"labels": dict(TYPESCRIPT), "auto_stop": 15, "auto_delete": 0}
