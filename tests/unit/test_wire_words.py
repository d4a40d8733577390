"""States that the server may name, and those that it will name one day."""

from __future__ import annotations

import pytest

from daytona_tui.domain.sandbox import SandboxState
from daytona_tui.domain.snapshots import SnapshotState
from daytona_tui.domain.volumes import VolumeState
from daytona_tui.domain.wire_words import WireWord


@pytest.mark.parametrize("kind", [SandboxState, SnapshotState, VolumeState])
def test_a_word_of_any_type_is_a_state(kind: type[WireWord]) -> None:
    assert all(kind.parse(state.value.upper()) is state for state in kind)
    for odd in ("quantum", "", None, 7, {"state": "error"}, "unknown", "UNKNOWN"):
        assert kind.parse(odd) is kind("unknown")
