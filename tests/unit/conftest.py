"""Properties are tried often enough over many runs, each with examples of its own, not within a single one."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("unit", max_examples=40, deadline=None)  # a loaded machine is slow for no reason of ours
settings.load_profile("unit")
