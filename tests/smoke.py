"""The built wheel, alone: start its emulator, list its fleet. Run by ``make smoke`` with the command as argument."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys


def main(command: str) -> int:
    """Return 0 when the installed command serves and lists a demonstration fleet."""
    with subprocess.Popen([command, "emulator", "--port", "0", "--seed", "demo"], stdout=subprocess.PIPE) as emulator:
        assert emulator.stdout is not None
        ready = json.loads(emulator.stdout.readline())
        env = {**os.environ, "DAYTONA_API_URL": ready["api_url"], "DAYTONA_API_KEY": ready["api_key"]}
        listed = subprocess.run(
            [command, "list", "--json"], env=env, stdout=subprocess.PIPE, check=True, timeout=60
        ).stdout
        emulator.send_signal(signal.SIGTERM)
        code = emulator.wait(timeout=20)
    rows = json.loads(listed)
    assert len(rows) >= 14, f"only {len(rows)} sandboxes"
    assert code == 0, f"emulator ended with {code}"
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
