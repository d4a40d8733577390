"""Write the tables of README and docs that the code knows better: keys, exit codes, the emulator's routes and methods.

``python docs/generate.py`` rewrites them, ``--check`` only says whether they are fresh (exit code 1 if not).
"""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import Callable
from pathlib import Path

import json_pages
import operation_rows

from daytona_tui.cli import manual
from daytona_tui.cli.exit_codes import MEANINGS
from daytona_tui.domain.filtering.vocabulary import FLAGS, KEYS, UNKNOWN, LabelKey, NumberKey, Unit
from daytona_tui.emulator.table import with_table
from daytona_tui.presentation.keymap import UNBOUND
from daytona_tui.ui.commands.base import Scope
from daytona_tui.ui.commands.catalog import COMMANDS

ROOT = Path(__file__).resolve().parent.parent

WHERE = {
    Scope.FLEET: "Sandboxes (s x a D and / in every pane)",
    Scope.FILES: "Files",
    Scope.DETAILS: "Details",
    Scope.PORTS: "Ports",
    Scope.CONSOLE: "Console",
    Scope.TERMINAL: "Terminal (t and T in every pane)",
    Scope.LOGS: "Logs",
    Scope.TAPE: "Tape",
    Scope.GIT: "Git (U in every pane)",
    Scope.TASKS: "Tasks",
    Scope.SHELF: "Shelf (I in every pane)",
    Scope.APP: "Everywhere",
}


UNITS = {
    Unit.COUNT: "a number",
    Unit.GIB: "GiB",
    Unit.DOLLARS_A_DAY: "dollars a day",
    Unit.SECONDS: "a duration",
}


def keys_table() -> str:
    """Return every command with its keys, by where they mean something."""
    lines = ["| key | command | what it does |", "| --- | --- | --- |"]
    for scope, title in WHERE.items():
        lines.append(f"| | **{title}** | |")
        for command in COMMANDS:
            if command.scope is scope:
                lines.append(f"| `{command.key_label}` | {command.title} | {command.help} |")
    return "\n".join(lines)


def command_ids_table() -> str:
    """Return every command by the id with which its keys are bound."""
    lines = ["| id | usual keys | where |", "| --- | --- | --- |"]
    for command in COMMANDS:
        keys = " ".join(f"`{key}`" for key in command.key.split(",") if key != UNBOUND)
        lines.append(f"| `{command.id}` | {keys} | {WHERE[command.scope].partition(' (')[0]} |")
    return "\n".join(lines)


def settings(text: str) -> str:
    """Return the document of the settings with a fresh table."""
    return between(text, "command-ids", command_ids_table())


def exit_codes_table() -> str:
    """Return every exit code with its meaning."""
    rows = [f"| {int(code)} | {meaning} |" for code, meaning in MEANINGS.items()]
    return "\n".join(["| exit code | meaning |", "| --- | --- |", *rows])


def readme(text: str) -> str:
    """Return the README with fresh tables."""
    text = between(between(text, "keys", keys_table()), "exit-codes", exit_codes_table())
    return between(text, "operations", operation_rows.table())


def filters(text: str) -> str:
    """Return the document of the filters with a fresh table of their keys."""
    return between(text, "filter-keys", filter_keys_table())


def filter_keys_table() -> str:
    """Return every key and flag of a filter with what is behind it."""
    lines = ["| key | is | also | takes |", "| --- | --- | --- | --- |"]
    for key in KEYS.values():
        takes = UNITS[key.unit] if isinstance(key, NumberKey) else "text"
        words = [] if isinstance(key, LabelKey) else [*(key.words if isinstance(key, NumberKey) else ()), UNKNOWN]
        also = ", ".join(f"`{alias}`" for alias in key.aliases)
        lines.append(
            f"| `{key.name}` | {key.meaning} | {also} | {', '.join([takes, *(f'`{word}`' for word in words)])} |"
        )
    lines += ["", "| flag | finds a sandbox if |", "| --- | --- |"]
    lines += [f"| `{flag.name}` | {flag.meaning} |" for flag in FLAGS.values()]
    return "\n".join(lines)


def emulator(text: str) -> str:
    """Return the emulator's document with fresh tables."""
    return between(with_table(text), "methods", methods_table())


def methods_table() -> str:
    """Return every public method of the SDK with its request, what becomes of it, and the test that shows it."""
    sys.path.insert(0, str(ROOT))
    covering = importlib.import_module("tests.emulator.sdk.covering")
    tests = covering.coverings()
    lines = ["| Method | Request | Here | Shown by |", "| --- | --- | --- | --- |"]
    refused: dict[str, list[str]] = {}
    for name, method in covering.public_methods():
        each, word = name.split(".")
        covers = tests[name]
        if covers and all(covering.is_refusal for _, covering in covers):
            refused.setdefault(each, []).append(word)
            continue
        differs = "; ".join(sorted({covering.differs for _, covering in covers if covering.differs}))
        here = f"differs: {differs}" if differs else "served"
        shown = ", ".join(sorted({f"`{test.split('::')[1].removeprefix('test_')}`" for test, _ in covers}))
        lines.append(f"| `{each}.{word}` | {covering.request_of(name, method)} | {here} | {shown} |")
    lines += ["", "Refused with 501, as `test_refused.py` and `test_snapshot.py` show:", ""]
    lines += [f"- `{each}`: {', '.join(words)}" for each, words in refused.items()]
    return "\n".join(lines)


def json_page(text: str) -> str:
    """Return the document of JSON with fresh tables."""
    return between(text, "json", json_pages.tables())


def between(text: str, name: str, content: str) -> str:
    """Return ``text`` with ``content`` between the markers called ``name``."""
    pattern = re.compile(rf"(<!-- {name}: generated -->).*?(<!-- /{name} -->)", re.DOTALL)
    if not pattern.search(text):
        raise ValueError(f"no place for {name}")
    return pattern.sub(lambda match: f"{match[1]}\n{content}\n{match[2]}", text)


DOCUMENTS: dict[str, Callable[[str], str]] = {
    "README.md": readme,
    "docs/daytona-tui.1": lambda _: manual.page(),
    "docs/emulator.md": emulator,
    "docs/filters.md": filters,
    "docs/json.md": json_page,
    "docs/schema.json": json_pages.schema_text,
    "docs/settings.md": settings,
}


def main() -> int:
    """Rewrite or check every document; return the exit code."""
    stale = []
    for name, fresh in DOCUMENTS.items():
        path = ROOT / name
        before = path.read_text(encoding="utf-8")
        after = fresh(before)
        if after != before:
            stale.append(name)
            if "--check" not in sys.argv:
                path.write_text(after, encoding="utf-8")
    if stale:
        sys.stdout.write(f"{'stale' if '--check' in sys.argv else 'rewritten'}: {', '.join(stale)}\n")
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
