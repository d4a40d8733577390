"""What is done with the ports of the sandbox under the cursor: links are opened, copied, signed, shown and revoked."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Coroutine
from functools import partial

from textual.notifications import SeverityLevel

from daytona_tui.domain.previews import SignedLink, port_trouble
from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.errors import DaytonaTuiError, UnsupportedError
from daytona_tui.operations.browser import BrowserError, open_in_browser
from daytona_tui.operations.journal import Entry, Journal
from daytona_tui.operations.previews import USUAL_S, with_token
from daytona_tui.presentation.human import interval
from daytona_tui.presentation.phrases import phrase
from daytona_tui.presentation.questions import Question
from daytona_tui.presentation.safe_text import clip, safe
from daytona_tui.ui import workers
from daytona_tui.ui.panes.file_dialogs import TextWish
from daytona_tui.ui.panes.port_dialogs import LinkUse, LinkWish, PortDialogs
from daytona_tui.ui.panes.ports_base import PortsBase


class PortsPane(PortsBase):
    """Carries the commands out.

    Attributes:
        dialogs: opens them; set by the screen before anything is mounted.
        journal: takes note of what changes who may see what; set likewise.
    """

    dialogs: PortDialogs
    journal: Journal

    def do_open_port(self) -> None:
        """Open the link; of a private sandbox one that is signed for it."""
        sandbox, row = self.sandbox, self.row
        if sandbox is None or row is None:
            return
        if row.signed is not None:
            self._act(partial(self._open, row.signed.url, row.port, is_secret=True), "Not opened")
        elif self.shows_public or self.services.read_only:
            self._act(partial(self._open_plain, sandbox, row.port), "Not opened")
        else:
            self._act(partial(self._use, sandbox, row.port, LinkWish(LinkUse.OPEN, USUAL_S)), "Not opened")

    def do_copy_link(self) -> None:
        """Copy the link under the cursor."""
        sandbox, row = self.sandbox, self.row
        if sandbox is None or row is None:
            return
        if row.signed is not None:
            self._copy_signed(row.signed)
            return

        async def copy() -> None:
            link = await self.reading.link(sandbox.id, row.port)
            who = "anybody may follow it" if self.shows_public else "it asks for a login; a signed link does not"
            self._copy(link.url, f"the link of port {row.port}: {who}")

        self._act(copy, "Not copied")

    def do_copy_token_link(self) -> None:
        """Copy the link with the sandbox's token."""
        sandbox, row = self.sandbox, self.row
        if sandbox is None or row is None:
            return

        async def copy() -> None:
            link = await self.reading.link(sandbox.id, row.port)
            if not link.token:
                self.say("the server gives no token for it", "Not copied", severity="warning")
                return
            about = f"a secret: it opens every port of {safe(sandbox.name)} for as long as that lives"
            self._copy(with_token(link), about)

        self._act(copy, "Not copied")

    def do_sign_link(self, first: LinkUse = LinkUse.COPY) -> None:
        """Ask what a signed link is for, and make it."""
        sandbox, row = self.sandbox, self.row
        if sandbox is None or row is None:
            return

        def make(wish: LinkWish) -> None:
            self._act(partial(self._use, sandbox, row.port, wish), "No signed link")

        name = clip(safe(sandbox.name), 40)
        self.dialogs.ask_link(f"Signed link to port {row.port} of {name}", first, make)

    def do_show_code(self) -> None:
        """Show the link as a QR code; of a private sandbox a signed one."""
        sandbox, row = self.sandbox, self.row
        if sandbox is None or row is None:
            return
        if row.signed is not None:
            self._show_code(sandbox, row.port, row.signed.url)
        elif self.shows_public or self.services.read_only:

            async def show() -> None:
                link = await self.reading.link(sandbox.id, row.port)
                self._show_code(sandbox, row.port, link.url)

            self._act(show, "No QR code")
        else:
            self.do_sign_link(LinkUse.CODE)

    def do_revoke_link(self) -> None:
        """Let the signed link under the cursor open nothing any more."""
        sandbox, row = self.sandbox, self.row
        if sandbox is None or row is None or row.signed is None:
            return
        link = row.signed

        async def revoke() -> None:
            await self.signed.revoke(link)
            self._draw()
            self.say(f"the link to port {link.port} opens nothing any more", "Revoked")
            await self._keep(sandbox, "revoke link", f"port {link.port}", f"revoke {{}} {link.port} --token-stdin")

        self._act(revoke, "Not revoked")

    def do_other_port(self) -> None:
        """Ask for a port that is not listed."""
        notes = ("For what listens where the daemon does not look, or not yet.",)
        wish = TextWish("Another port", "Port:", check=port_trouble, notes=notes)
        self.dialogs.ask_text(wish, lambda text: self.add_port(int(text)))

    def do_public_ports(self) -> None:
        """Open the ports to everybody, once that was confirmed, or close them."""
        sandbox = self.sandbox
        if sandbox is None:
            return
        if self.shows_public:
            self._act(partial(self._set_public, sandbox, False), "Not closed")
            return
        question = Question(
            title=f"This opens the ports of {clip(safe(sandbox.name), 40)} to everybody",
            lines=self._told_ports(),
            warning="Who knows a link sees what is served, without a login, now and later, until it is taken back.",
            yes="Open to everybody",
            is_danger=False,
        )
        self.dialogs.confirm(question, lambda: self._act(partial(self._set_public, sandbox, True), "Not opened"))

    def _told_ports(self) -> tuple[str, ...]:
        """Return what everybody would see, a line each."""
        if not self.reading.is_read:
            return ("Every port, whatever listens there.",)
        told = (f"port {each.port}  {clip(safe(each.program), 50)}".rstrip() for each in self.reading.listeners)
        return tuple(told) or ("Nothing listens at the moment.",)

    # How

    async def _use(self, sandbox: Sandbox, port: int, wish: LinkWish) -> None:
        """Make a signed link and do with it what is wished."""
        try:
            link = await self.signed.make(sandbox.id, port, wish.seconds)
        except UnsupportedError:
            if wish.use is not LinkUse.OPEN:
                raise
            whole = await self.reading.link(sandbox.id, port)  # an older server has nothing better
            await self._open(with_token(whole), port, is_secret=True)
            return
        self._draw()
        lasts = interval(max(1, wish.seconds // 60))
        await self._keep(sandbox, "sign link", f"port {port}, for {lasts}", f"signed {{}} {port} --for {lasts}")
        if wish.use is LinkUse.OPEN:
            await self._open(link.url, port, is_secret=True)
        elif wish.use is LinkUse.CODE:
            self._show_code(sandbox, port, link.url)
        else:
            self._copy_signed(link)

    async def _open_plain(self, sandbox: Sandbox, port: int) -> None:
        link = await self.reading.link(sandbox.id, port)
        await self._open(link.url, port, is_secret=False)

    async def _open(self, url: str, port: int, *, is_secret: bool) -> None:
        self.say("asking the browser …", f"Port {port}")
        await open_in_browser(url, is_secret=is_secret)

    def _copy_signed(self, link: SignedLink) -> None:
        until = f"{link.expires_at.astimezone():%H:%M}"
        self._copy(link.url, f"a link that opens port {link.port} by itself until {until}")

    def _copy(self, url: str, about: str) -> None:
        self.app.copy_to_clipboard(url)
        self.say(about, "Copied")

    def _show_code(self, sandbox: Sandbox, port: int, url: str) -> None:
        self.dialogs.show_code(url, f"Port {port} of {clip(safe(sandbox.name), 30)}")

    async def _set_public(self, sandbox: Sandbox, is_public: bool) -> None:
        changed = await self.services.gateway.set_public(sandbox.id, is_public)
        if self.sandbox is not None and self.sandbox.id == sandbox.id:
            self.is_public = changed.public
        self._draw()
        self.post_message(self.KeysChanged())
        who = "everybody may follow its links" if changed.public else "its links ask for a login again"
        self.say(f"{safe(sandbox.name)}: {who}", "Public" if changed.public else "Private")
        words = f"public {{}} {'on' if changed.public else 'off'}"
        await self._keep(sandbox, "make public" if changed.public else "make private", "", words)

    async def _keep(self, sandbox: Sandbox, verb: str, detail: str, words: str) -> None:
        """Write into the journal what was done, with the line for a shell that does the same."""
        line = f"daytona-tui preview {words}".format(shlex.quote(sandbox.name))
        at = self.services.now()
        await self.journal.keep(Entry(at, verb, sandbox.id, sandbox.name, outcome="done", detail=detail, line=line))

    def _act(self, work: Callable[[], Coroutine[None, None, None]], failed: str) -> None:
        async def whole() -> None:
            try:
                await work()
            except BrowserError as error:
                self.say(" ".join(part for part in (error.message, error.hint) if part), failed, severity="warning")
            except DaytonaTuiError as error:
                said = phrase(error)
                hint = f"\n{said.hint}" if said.hint else ""
                self.say(f"{safe(said.detail)}{safe(hint)}", failed, severity="error")
                self.post_message(self.KeysChanged())

        workers.start(self, whole, name="use a port", group=workers.PORTS_ACT)

    def say(self, text: str, title: str, *, severity: SeverityLevel = "information") -> None:
        """Say something in passing; it is safe."""
        self.app.notify(text, title=title, severity=severity, markup=False, timeout=6)
