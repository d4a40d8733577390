"""The program on a screen without a terminal, as the tests of the UI have it."""

from __future__ import annotations

from tests.ui.conftest import open_app

__all__ = ["open_app"]
