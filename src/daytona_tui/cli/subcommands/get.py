"""``get``: all that is known of one sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

from daytona_tui.cli import grammar

if TYPE_CHECKING:
    from datetime import datetime

    from daytona_tui.config.settings import Settings
    from daytona_tui.domain.ports import Gateway
    from daytona_tui.domain.sandbox import Sandbox


@grammar.command(
    "get",
    short_help="show one sandbox",
    help="""Show all that is known of one sandbox.

    A fact a line; JSON has the fields that list has, with times in ISO 8601 and intervals in minutes.""",
)
@grammar.sandbox_argument
@grammar.form_options
def get(sandbox: str) -> int:
    """Show and return the exit code."""
    from daytona_tui.cli import running
    from daytona_tui.cli.exit_codes import ExitCode

    wanted = sandbox

    async def shown(gateway: Gateway, settings: Settings) -> int:
        from daytona_tui.cli import output
        from daytona_tui.cli.subcommands.list_fleet import as_object
        from daytona_tui.operations.find import find

        found = await find(gateway, wanted)
        form = grammar.common().form
        if form.is_data:
            output.as_data(as_object(found), form)
        else:
            for label, words in _lines(found):
                output.line(f"{label:17}{words}")
        return ExitCode.OK

    return running.run(shown)


def _lines(sandbox: Sandbox) -> list[tuple[str, str]]:
    """Return the facts that there are, safe to be shown."""
    from datetime import UTC, datetime

    from daytona_tui.cli.subcommands.list_fleet import as_object
    from daytona_tui.presentation.human import age
    from daytona_tui.presentation.safe_text import safe

    now = datetime.now(UTC)
    fields = as_object(sandbox)
    owner, event = fields.pop("owner"), fields.pop("next_event")
    assert isinstance(owner, dict)
    lines = []
    for key, value in fields.items():
        if value in (None, "", [], {}) or (key == "state_word" and value == fields["state"]):
            continue
        title = key.removesuffix("_min").removesuffix("_at").replace("_", "-")
        if isinstance(value, dict):
            lines += [(title, f"{name}={each}") for name, each in sorted(value.items())]
        elif isinstance(value, list):
            lines += [(title, _words(each)) for each in value]
        elif key.endswith("_at") and (at := _moment(value)) is not None:
            lines.append((title, f"{value} ({age(abs((now - at).total_seconds()))})"))
        elif key.endswith("_min"):
            lines.append((title, _interval(key, value)))
        else:
            lines.append((title, _words(value)))
    if owner["name"]:
        lines.append(("owner", f"{owner['name']} ({owner['why']})"))
    if isinstance(event, dict):
        lines.append(("next", f"{event['act']} at {event['at']}"))
    return [(label, safe(words)) for label, words in lines]


def _words(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " ".join(f"{key}={each}" for key, each in value.items()) if isinstance(value, dict) else str(value)


def _moment(value: object) -> datetime | None:
    from datetime import datetime

    return datetime.fromisoformat(value) if isinstance(value, str) else None


def _interval(key: str, value: object) -> str:
    """Return minutes in words; of deletion 0 is the moment at which it stops, of all else it is off."""
    from daytona_tui.presentation.human import interval

    if not isinstance(value, int) or value < 0 or (value == 0 and key != "auto_delete_min"):
        return "off"
    return interval(value) if value else "when it stops"
