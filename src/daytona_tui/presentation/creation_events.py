"""What happens while a sandbox is made, in words."""

from __future__ import annotations

from daytona_tui.domain.creation import CreateEvent, Ignored, LeftBehind, Stage, StageBegun
from daytona_tui.domain.sandbox import Sandbox


def event_words(event: CreateEvent) -> str:
    """Return one line for an event; empty for a piece of the build's log. Names in it are hostile text."""
    match event:
        case StageBegun(stage, sandbox, words):
            return _stage_words(stage, sandbox, words)
        case Ignored(_, words):
            return words
        case LeftBehind(sandbox):
            return f"left behind: {sandbox.name} ({sandbox.id}), {sandbox.state.value.replace('_', ' ')}"
        case _:
            return ""


def _stage_words(stage: Stage, sandbox: Sandbox | None, words: str) -> str:
    state = sandbox.state.value.replace("_", " ") if sandbox is not None else "starting"
    return {
        Stage.SENDING: f"sending {words}",
        Stage.ASKING: f"asking for {words}",
        Stage.BUILDING: "building its image",
        Stage.STARTING: state,
        Stage.UPLOADING: f"uploading {words}",
        Stage.CLONING: f"cloning {words}",
        Stage.DONE: f"{sandbox.name if sandbox is not None else 'it'} runs",
    }[stage]
