"""``python -m daytona_tui.emulator``: the emulator alone."""

from __future__ import annotations

import sys

from daytona_tui.emulator.starting import end_quietly_until_ready

if __name__ == "__main__":
    end_quietly_until_ready()
    from daytona_tui.emulator.command import main

    sys.exit(main(sys.argv[1:]))
