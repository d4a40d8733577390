"""What reaches a terminal: ASCII alone, sixteen colours, none at all; and a command of one's own that gets it whole."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.terminal.test_program import terminal

pytestmark = pytest.mark.terminal

SGR = re.compile(rb"\x1b\[([0-9;:]*)m")
COMMAND = """
[[commands]]
name = "Who"
key = "f6"
run = "echo I am $NAME of $(tty | cut -c1-8); false"
"""


def colours(output: bytes) -> set[bytes]:
    """Return the numbers of all colours that were asked for; that of no colour is none."""
    found: set[bytes] = set()
    for codes in SGR.findall(output):
        words = codes.split(b";")
        found |= {word for word in words if re.fullmatch(rb"3[0-8]|4[0-8]|9[0-7]|10[0-7]", word)}
    return found


def test_sixteen_colours_in_ascii_and_a_command_that_gets_the_terminal(tmp_path: Path) -> None:
    config = tmp_path / ".config" / "daytona-tui" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(COMMAND)
    with terminal(tmp_path, "--local", "--seed", "demo", "--theme", "ansi", "--ascii", "--reduced-motion") as screen:
        shown = screen.wait_for("* live", "preview-shop", "+- 1 Sandboxes")
        assert shown.isascii()
        used = colours(bytes(screen.output))
        assert used
        assert not used & {b"38", b"48"}  # those are of more than sixteen
        screen.press("/", "scratch", "enter")
        screen.wait_for("1 of 25")
        screen.press("\x1b[17~")
        screen.wait_for("I am scratch of /dev/pts", "[exit 1] Enter goes back")
        screen.press("enter")
        screen.wait_for("+- 1 Sandboxes", "1 of 25")
        screen.press("M")
        screen.wait_for("M takes it back")
        assert screen.output.rfind(b"\x1b[?1000l") > screen.output.rfind(b"\x1b[?1000h")
        screen.press("M")
        screen.wait_for("the program's again")
        assert screen.output.rfind(b"\x1b[?1000h") > screen.output.rfind(b"\x1b[?1000l")
        screen.press("ctrl+q")
        assert screen.wait_exit() == 0


def test_no_colour_where_none_is_wanted(tmp_path: Path) -> None:
    with terminal(tmp_path, "--local", "--seed", "demo", "--theme", "day", NO_COLOR="1") as screen:
        screen.wait_for("● live", "preview-shop")
        assert colours(bytes(screen.output)) == set()
        assert b"\x1b[7" in screen.output or b";7" in screen.output  # the cursor is inverted
        screen.press("ctrl+q")
        assert screen.wait_exit() == 0
