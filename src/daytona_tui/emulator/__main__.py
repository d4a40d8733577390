"""``python -m daytona_tui.emulator``: the emulator alone."""

from __future__ import annotations

import sys

from daytona_tui.emulator.command import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
