"""The user's own commands among the others: their keys, and what is wrong with those."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from daytona_tui.domain.custom_commands import CustomCommand, Place
from daytona_tui.presentation.keymap import UNBOUND, Keymap, key_label
from daytona_tui.presentation.safe_text import clip, safe
from daytona_tui.ui.commands.base import Command, Scope
from daytona_tui.ui.commands.catalog import COMMANDS
from daytona_tui.ui.commands.rebinding import NoSuchKeyError, keys_in, meet, moving_keys

SCOPES: Mapping[str, Scope] = MappingProxyType({"everywhere": Scope.APP, "sandboxes": Scope.FLEET} | {
    scope.value: scope for scope in Scope if scope not in (Scope.APP, Scope.FLEET)
})  # fmt: skip
"""What the words of the settings mean."""

_FOOTER, _FOOTER_EVERYWHERE = 14, 25
_HELP_CELLS = 120


def with_customs(keymap: Keymap, customs: Sequence[CustomCommand]) -> Keymap:
    """Return ``keymap`` with the keys of the user's own commands; one that is taken is told, and not given."""
    taken = [(command, keymap.keys.get(command.id, ())) for command in COMMANDS]
    keys: dict[str, tuple[str, ...]] = {}
    problems: list[str] = []
    for custom in customs:
        command = command_of(custom)
        wanted, problem = _wanted(custom, command, taken)
        if problem:
            problems.append(f"commands, number {custom.number} ({safe(custom.name)!r}): {problem}; it has no key")
        keys[custom.id] = wanted
        taken.append((command, wanted))
    return replace(
        keymap, keys=MappingProxyType({**keymap.keys, **keys}), problems=(*keymap.problems, *map(safe, problems))
    )


def _wanted(
    custom: CustomCommand, command: Command, taken: Sequence[tuple[Command, tuple[str, ...]]]
) -> tuple[tuple[str, ...], str]:
    try:
        wanted = keys_in(custom.key) if custom.key else ()
    except NoSuchKeyError as error:
        return (), str(error)
    moving = moving_keys()
    for key in wanted:
        if key in moving:
            return (), f"{key_label(key)} belongs to every list ({moving[key]})"
        for other, keys in taken:
            if key in keys and meet(command, other):
                return (), f"{key_label(key)} is the key of {other.id}"
    return wanted, ""


def command_of(custom: CustomCommand, keys: Sequence[str] = ()) -> Command:
    """Return a command of the user's own as one of the program; its texts are safe."""
    scope = SCOPES[custom.scope]
    help = custom.help or f"{'In the sandbox: ' if custom.place is Place.REMOTE else ''}{custom.line}"
    return Command(
        custom.id,
        ",".join(keys) or UNBOUND,
        safe(custom.name),
        clip(safe(help), _HELP_CELLS),
        scope,
        footer=0 if not keys else _FOOTER_EVERYWHERE if scope is Scope.APP else _FOOTER,
    )


def customs_of(keymap: Keymap, customs: Sequence[CustomCommand]) -> Iterator[tuple[Command, CustomCommand]]:
    """Yield the user's own commands with the keys that they have in this run."""
    for custom in customs:
        yield command_of(custom, keymap.keys.get(custom.id, ())), custom
