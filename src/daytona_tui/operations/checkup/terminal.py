"""What the terminal can do: colours, size, letters, clipboard. Told by its name; nothing is asked of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from daytona_tui.domain.checkup import Finding, ok, warn

LEAST = (80, 24)
"""Cells, width and height, on which everything fits."""

_COPIES = ("kitty", "ghostty", "wezterm", "iterm", "alacritty", "foot", "contour", "rio", "vscode", "windows terminal")
_COPIES_NOT = ("apple_terminal", "vte", "linux console")


@dataclass(frozen=True, slots=True)
class TerminalFacts:
    """What is known of the terminal without asking it.

    Attributes:
        environ: variables of this process.
        is_terminal: there is one at all.
        size: cells, width and height.
        encoding: how text is written to it, in the system's word.
        clipboard_of_tmux: what tmux does with a text for the clipboard, in its own word: ``on``, ``external``,
            ``off``; empty: not asked.
    """

    environ: Mapping[str, str]
    is_terminal: bool
    size: tuple[int, int]
    encoding: str
    clipboard_of_tmux: str = ""

    @property
    def name(self) -> str:
        """The program that draws it, as far as its variables tell; lower case."""
        environ = self.environ
        if environ.get("KITTY_WINDOW_ID"):
            return "kitty"
        if environ.get("WT_SESSION"):
            return "windows terminal"
        named = (environ.get("TERM_PROGRAM") or "").lower().removesuffix(".app")
        if named and named not in ("tmux", "screen"):
            return named
        if environ.get("VTE_VERSION"):
            return "vte"
        term = environ.get("TERM", "").lower()
        return "linux console" if term == "linux" else term.removeprefix("xterm-").partition("-")[0]


def terminal_findings(facts: TerminalFacts) -> tuple[Finding, ...]:
    """Return what the terminal can do, and what would help."""
    if not facts.is_terminal:
        return (ok("terminal", "none here: the screen needs one, subcommands do not"),)
    return (_size(facts), _colours(facts), _letters(facts), *_clipboard(facts), *_inside(facts))


def _size(facts: TerminalFacts) -> Finding:
    width, height = facts.size
    words = f"{facts.environ.get('TERM') or 'of no name'}, {width}×{height}"
    if facts.environ.get("TERM") in (None, "", "dumb"):
        return warn(
            "terminal", f"{words}: it says that it can do nothing", "set TERM to what it is, such as xterm-256color"
        )
    if width < LEAST[0] or height < LEAST[1]:
        return warn("terminal", f"{words}: parts are hidden", f"make it {LEAST[0]}×{LEAST[1]} at least")
    return ok("terminal", words)


def _colours(facts: TerminalFacts) -> Finding:
    environ = facts.environ
    if environ.get("NO_COLOR"):
        return ok("colours", "none, by NO_COLOR")
    if environ.get("COLORTERM", "").lower() in ("truecolor", "24bit") or facts.name in ("kitty", "ghostty", "wezterm"):
        return ok("colours", "16 million")
    if "256color" in environ.get("TERM", ""):
        return ok("colours", "256; COLORTERM=truecolor tells of more, where there are")
    return warn("colours", "16, as far as it says", "--theme ansi suits that; COLORTERM=truecolor tells of more")


def _letters(facts: TerminalFacts) -> Finding:
    encoding = facts.encoding.lower().replace("-", "").replace("_", "")
    told = next((each for name in ("LC_ALL", "LC_CTYPE", "LANG") if (each := facts.environ.get(name))), "")
    if encoding == "utf8" and "utf" in told.lower().replace("-", ""):
        return ok("locale", f"{told}: every letter can be drawn")
    if encoding == "utf8":
        words = f"the locale is {told or 'not set'}: frames and letters may come out wrong"
        return warn("locale", words, "set LANG to one that ends with .UTF-8, such as C.UTF-8")
    return warn(
        "locale", f"text is written as {facts.encoding}", "set LANG to one that ends with .UTF-8, or use --ascii"
    )


def _clipboard(facts: TerminalFacts) -> Iterator[Finding]:
    name = facts.name
    if facts.environ.get("TMUX") and facts.clipboard_of_tmux == "off":
        yield warn("clipboard", "tmux keeps copied text to itself", "tmux set -g set-clipboard on")
    elif name in _COPIES_NOT:
        yield warn("clipboard", f"{name} ignores what is copied (OSC 52)", "hold shift and select with the mouse")
    elif any(each in name for each in _COPIES):
        yield ok("clipboard", f"{name} takes what is copied (OSC 52), unless its settings forbid it")
    else:
        yield ok("clipboard", "whether it takes what is copied (OSC 52) is not known")
    if name in ("kitty", "ghostty") and not facts.environ.get("TMUX"):
        yield ok("pictures", f"{name} draws pictures")


def _inside(facts: TerminalFacts) -> Iterator[Finding]:
    environ = facts.environ
    if environ.get("STY"):
        yield warn(
            "multiplexer", "screen: copied text and pictures do not reach the terminal", "tmux lets more through"
        )
    elif environ.get("TMUX"):
        yield ok("multiplexer", f"tmux; its clipboard is {facts.clipboard_of_tmux or 'not told'}")
    if environ.get("SSH_CONNECTION") or environ.get("SSH_TTY"):
        yield ok("ssh", "this is a remote shell: there is no browser to open, addresses are copied or shown as QR")
