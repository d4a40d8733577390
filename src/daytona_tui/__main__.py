"""``python -m daytona_tui``."""

from __future__ import annotations

import sys

from daytona_tui.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
