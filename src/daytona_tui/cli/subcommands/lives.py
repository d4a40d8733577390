"""What else changes the life of sandboxes: words for a start, force stop, pause, recovery, other resources, forks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from daytona_tui.cli import grammar
from daytona_tui.cli.subcommands.act import act, verb_command

if TYPE_CHECKING:
    from daytona_tui.config.settings import Settings
    from daytona_tui.domain.ports import Gateway
    from daytona_tui.domain.sandbox import Sandbox


@verb_command("resume", "start those that are paused: their programs go on where they were")
def resume(**words: Any) -> int:
    """Resume and return the exit code."""
    return act("start", words, states=("paused",), not_so="it is not paused: start starts it")


@verb_command("restore", "start those that are archived, which takes longer")
def restore(**words: Any) -> int:
    """Restore and return the exit code."""
    return act("start", words, states=("archived",), not_so="it is not archived: start starts it")


@verb_command("force-stop", "stop at once: programs are killed, and what they have not written is lost")
@click.option("--allow-delete", is_flag=True, help="with --yes: also those that stopping deletes (auto-delete 0)")
@click.option("--held", is_flag=True, help="also delete those that a pin, a label or a rule wants kept")
def force_stop(**words: Any) -> int:
    """Stop and return the exit code."""
    return act("force_stop", words)


@verb_command("pause", "pause virtual machines: they keep their memory, and resume lets them go on")
def pause(**words: Any) -> int:
    """Pause and return the exit code."""
    return act("pause", words)


@verb_command("recover", "put right what is in an error that Daytona can mend")
def recover(**words: Any) -> int:
    """Recover and return the exit code."""
    return act("recover", words)


@verb_command("resize", "give sandboxes other resources: a disk only grows, of stopped ones; who runs gets no less")
@click.option("--cpu", metavar="N", type=grammar.Count(), help="virtual processors")
@click.option("--memory", metavar="GIB", type=grammar.Count(), help="GiB of memory")
@click.option("--disk", metavar="GIB", type=grammar.Count(), help="GiB of disk")
def resize(cpu: int | None, memory: int | None, disk: int | None, **words: Any) -> int:
    """Resize and return the exit code."""
    from daytona_tui.cli.trouble import Refusal
    from daytona_tui.domain.sizes import SizeEdit, size_problem

    edit = SizeEdit(cpu, memory, disk)
    if trouble := size_problem(edit):
        raise Refusal("usage", trouble, hint="say --cpu, --memory or --disk")
    return act("resize", words, size=edit)


@grammar.command(
    "fork",
    short_help="make a second one of a virtual machine that runs",
    help="""Make a second sandbox of a virtual machine that runs, and write its id to stdout.

    It gets the files and the settings; what runs in the original does not run in it. Containers are not forked.""",
    epilog="Exit codes: 0 it runs, 1 refused or failed, 5 no such sandbox, 7 not ready in time: what is there then is "
    "named.",
)
@grammar.sandbox_argument
@click.option("--name", metavar="NAME", default="", help="call it so (default: after the original)")
@click.option("--wait/--no-wait", "waits", default=True, help="return when it runs, or as soon as it is accepted")
@grammar.timeout_option("as the settings say, or 2m")
@grammar.form_options
def fork(sandbox: str, name: str, *, waits: bool) -> int:
    """Fork and return the exit code."""
    from daytona_tui.cli import running

    wanted = sandbox

    async def forked(gateway: Gateway, settings: Settings) -> int:
        from daytona_tui.cli import narration, output
        from daytona_tui.operations import lifecycle
        from daytona_tui.operations.find import find

        original = await find(gateway, wanted)
        timeout_s = grammar.common().clock.taken_over(settings.lifecycle_timeout_s) if waits else 0.0
        made = await lifecycle.fork(gateway, original, name, timeout_s=timeout_s)
        form = grammar.common().form
        if form.is_data:
            output.as_data(as_object(made, original), form)
        else:
            output.line(made.id)
            narration.say(f"forked {original.name} as {made.name}")
        return 0

    return running.run(forked, acts=True)


def as_object(made: Sandbox, original: Sandbox) -> dict[str, object]:
    """Return what ``fork --json`` shows. The keys are a promise: more may come, none goes or changes."""
    return {
        "id": made.id,
        "name": made.name,
        "state": made.state_word or made.state.value,
        "parent": {"id": original.id, "name": original.name},
    }
