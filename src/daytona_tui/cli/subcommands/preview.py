"""``preview``: links to the ports of a sandbox, open to those who are logged in, who have a token, or to everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from daytona_tui.cli import grammar
from daytona_tui.cli.port_words import port_argument, token_options, token_said

if TYPE_CHECKING:
    from daytona_tui.config.settings import Settings
    from daytona_tui.domain.ports import Gateway
    from daytona_tui.domain.previews import PreviewLink, SignedLink
    from daytona_tui.domain.sandbox import Sandbox

_USUAL_S = 3600
_ABOUT_FOR = "how long it lasts, at most 24h (default: 1h)"


@grammar.room(
    "preview",
    short_help="links to the ports of a sandbox",
    help="""Make links to the ports of a sandbox, and revoke them.

    Links stand on standard output alone. The link of a port asks for a login or a token unless the sandbox is public; a
    signed link opens by itself until it expires.""",
)
def preview() -> None:
    """Hold the verbs."""


@preview.command(
    "link",
    short_help="the link of a port",
    help="""Write the link of a port.

    With --with-token it opens by itself for whoever has it, for as long as the sandbox lives: give away a signed link
    instead.""",
)
@grammar.sandbox_argument
@port_argument
@click.option("--with-token", is_flag=True, help="put the sandbox's token into it, and into the JSON: a secret")
@click.option("--open", "opens", is_flag=True, help="open it in the browser of this machine")
@click.option("--qr", is_flag=True, help="show it as a QR code on stderr")
@grammar.form_options
def link(sandbox: str, port: int, with_token: bool, opens: bool, qr: bool) -> int:
    """Write and return the exit code."""
    from daytona_tui.cli import output, running

    wanted = sandbox

    async def told(gateway: Gateway, settings: Settings) -> int:
        from daytona_tui.operations.find import find
        from daytona_tui.operations.previews import with_token as tokened

        sandbox = await find(gateway, wanted)
        found = await gateway.preview_link(sandbox.id, port)
        url = tokened(found) if with_token else found.url
        form = grammar.common().form
        if form.is_data:
            output.as_data(link_object(sandbox, found, url, with_token=with_token), form)
        else:
            output.line(url)
        return await _use(url, opens=opens, qr=qr, is_secret=with_token and bool(found.token))

    return running.run(told)


@preview.command(
    "signed",
    short_help="a link that opens by itself, for a time",
    help="Write a link that opens by itself until it expires or is revoked: a secret, made to be given away.",
)
@grammar.sandbox_argument
@port_argument
@click.option("--for", "seconds", type=grammar.Duration(), metavar="TIME", default=_USUAL_S, help=_ABOUT_FOR)
@click.option("--open", "opens", is_flag=True, help="open it in the browser of this machine")
@click.option("--qr", is_flag=True, help="show it as a QR code on stderr")
@grammar.form_options
def signed(sandbox: str, port: int, seconds: int, opens: bool, qr: bool) -> int:
    """Write and return the exit code."""
    from daytona_tui.cli import narration, output, running

    wanted = sandbox

    async def told(gateway: Gateway, settings: Settings) -> int:
        from daytona_tui.operations.find import find
        from daytona_tui.presentation.account import stamp

        sandbox = await find(gateway, wanted)
        made = await gateway.sign_preview(sandbox.id, port, seconds)
        form = grammar.common().form
        if form.is_data:
            output.as_data(signed_object(made), form)
        else:
            output.line(made.url)
            narration.say(f"it opens port {port} of {sandbox.name} for whoever has it until {stamp(made.expires_at)}")
        return await _use(made.url, opens=opens, qr=qr, is_secret=True)

    return running.run(told, acts=True)


@preview.command(
    "revoke",
    short_help="let a signed link open nothing any more",
    help="""Let a signed link open nothing any more.

    Its token, or the whole link, comes on standard input or from a variable: words of the command line can be read by
    everybody on the machine. The exit code is 5 where the server knows no such link.""",
)
@grammar.sandbox_argument
@port_argument
@token_options
@grammar.form_options
def revoke(sandbox: str, port: int, token_env: str | None, token_stdin: bool) -> int:
    """Revoke and return the exit code."""
    from daytona_tui.cli import narration, output, running
    from daytona_tui.cli.exit_codes import ExitCode

    said = token_said(token_env, token_stdin)
    if not said:
        raise click.UsageError("say which: --token-stdin, or --token-env NAME")
    wanted = sandbox

    async def done(gateway: Gateway, settings: Settings) -> int:
        from daytona_tui.operations.find import find
        from daytona_tui.operations.previews import revoke_token, token_in

        sandbox = await find(gateway, wanted)
        is_known = await revoke_token(gateway, sandbox.id, port, token_in(said))
        form = grammar.common().form
        if form.is_data:
            output.as_data(revoked_object(sandbox, port, is_known), form)
        else:
            for line in revoked_words(sandbox, port, is_known):
                narration.say(line)
        return ExitCode.NOT_FOUND if is_known is False else ExitCode.OK

    return running.run(done, acts=True)


@preview.command(
    "public",
    short_help="open the ports of a sandbox to everybody, or close them",
    help="""Tell whether everybody may see the ports of a sandbox, or change that with on or off.

    Who knows the link of a public sandbox sees what its programs serve, without login or token, on every port.""",
)
@grammar.sandbox_argument
@click.argument("state", metavar="[on|off]", type=click.Choice(("on", "off")), required=False, help="without it: tell")
@grammar.form_options
def public(sandbox: str, state: str | None) -> int:
    """Tell or change, and return the exit code."""
    from daytona_tui.cli import output, running
    from daytona_tui.cli.exit_codes import ExitCode

    wanted = sandbox

    async def done(gateway: Gateway, settings: Settings) -> int:
        from daytona_tui.operations.find import find

        sandbox = await find(gateway, wanted)
        if state is not None and sandbox.public is not (state == "on"):
            sandbox = await gateway.set_public(sandbox.id, state == "on")
        form = grammar.common().form
        if form.is_data:
            output.as_data(public_object(sandbox), form)
        else:
            output.line("public" if sandbox.public else "private")
        return ExitCode.OK

    return running.run(done, acts=state is not None)


async def _use(url: str, *, opens: bool, qr: bool, is_secret: bool) -> int:
    """Show a link as a code, open it, and return the exit code."""
    from daytona_tui.cli import narration
    from daytona_tui.cli.exit_codes import ExitCode

    if qr:
        from daytona_tui.presentation.qr import qr_for_terminal

        if code := qr_for_terminal(url):
            narration.raw(code)
        else:
            narration.say("the link is too long for a QR code")
    if opens:
        from daytona_tui.operations.browser import BrowserError, open_in_browser

        try:
            await open_in_browser(url, is_secret=is_secret)
        except BrowserError as error:
            narration.say(error.message)
            if error.hint:
                narration.add(error.hint)
            return ExitCode.FAILED
    return ExitCode.OK


def link_object(sandbox: Sandbox, link: PreviewLink, url: str, *, with_token: bool) -> dict[str, object]:
    """Return what ``preview link --json`` shows. The keys are a promise: more may come, none goes or changes."""
    return {
        "sandbox_id": sandbox.id,
        "port": link.port,
        "url": url,
        "token": link.token or None if with_token else None,
        "is_public": sandbox.public,
    }


def signed_object(link: SignedLink) -> dict[str, object]:
    """Return what ``preview signed --json`` shows. The keys are a promise: more may come, none goes or changes."""
    return {
        "sandbox_id": link.sandbox_id,
        "port": link.port,
        "url": link.url,
        "token": link.token,
        "expires_at": link.expires_at.isoformat(timespec="seconds"),
    }


def revoked_object(sandbox: Sandbox, port: int, is_known: bool | None) -> dict[str, object]:
    """Return what ``preview revoke --json`` shows. The keys are a promise: more may come, none goes or changes."""
    was_known = "not told" if is_known is None else "yes" if is_known else "no"
    return {"sandbox_id": sandbox.id, "port": port, "revoked": is_known is not False, "was_known": was_known}


def revoked_words(sandbox: Sandbox, port: int, is_known: bool | None) -> tuple[str, ...]:
    """Return what is known of a link that was revoked."""
    if is_known:
        return (f"the link to port {port} of {sandbox.name} opens nothing any more",)
    if is_known is None:
        return (
            f"the server took it, and does not tell whether this token was one of port {port} of {sandbox.name}",
            "open the link to be sure that it opens nothing",
        )
    return (
        f"no link to port {port} of {sandbox.name} has this token: nothing was revoked",
        "it has expired, was revoked before, is of another port, or is mistyped",
    )


def public_object(sandbox: Sandbox) -> dict[str, object]:
    """Return what ``preview public --json`` shows. The keys are a promise: more may come, none goes or changes."""
    return {"sandbox_id": sandbox.id, "name": sandbox.name, "is_public": sandbox.public}
