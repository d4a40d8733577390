"""Completion of a command line in bash, zsh and fish: what shells ask for with each tab.

Nothing goes over the network: names are those of the last fleet that the screen kept on disk.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import click
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
    split_arg_string,
)

VARIABLE = "_DAYTONA_TUI_COMPLETE"
"""The variable with which a shell asks."""

PROGRAM = "daytona-tui"
SHELLS = ("bash", "zsh", "fish")

_PLAIN = re.compile(r"[\w.@+][\w.@+-]*", re.ASCII)
"""Names that mean nothing to any shell; another sandbox is offered by its id."""

_BASH = """\
%(complete_func)s() {
    local IFS=$'\\n' line type value
    while IFS=',' read -r type value; do
        case $type in
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
            plain)
                COMPREPLY+=("$value")
                [[ $value == *[:=] ]] && compopt -o nospace
                ;;
        esac
    done < <(env COMP_LINE="${COMP_LINE:0:$COMP_POINT}" %(complete_var)s=bash_complete "$1" 2>/dev/null)
}

complete -o nosort -F %(complete_func)s %(prog_name)s
"""


_ZSH = """\
#compdef %(prog_name)s

%(complete_func)s() {
    local -a response words_alone words_open told told_open
    local type key about
    (( ! $+commands[%(prog_name)s] )) && return 1

    response=("${(@f)$(env COMP_WORDS="${words[*]}" COMP_CWORD=$((CURRENT-1)) \
        %(complete_var)s=zsh_complete %(prog_name)s 2>/dev/null)}")

    for type key about in ${response}; do
        case $type in
            dir) _path_files -/ ;;
            file) _path_files -f ;;
            plain)
                if [[ $about == _ ]]; then
                    if [[ $key == *[:=] ]]; then words_open+=("$key"); else words_alone+=("$key"); fi
                elif [[ $key == *[:=] ]]; then
                    told_open+=("$key:$about")
                else
                    told+=("$key:$about")
                fi
                ;;
        esac
    done

    (( $#told )) && _describe -V unsorted told -U
    (( $#told_open )) && _describe -V unsorted told_open -U -S ''
    (( $#words_alone )) && compadd -U -V unsorted -a words_alone
    (( $#words_open )) && compadd -U -V unsorted -S '' -a words_open
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    %(complete_func)s "$@"
else
    compdef %(complete_func)s %(prog_name)s
fi
"""


class _Zsh(ZshComplete):
    """Goes on where a word ends with : or =, as the keys of filters do."""

    source_template = _ZSH


class _Bash(BashComplete):
    """Reads the line itself: bash would have taken it apart at every colon."""

    source_template = _BASH

    def source(self) -> str:
        """Return the script."""
        return ShellComplete.source(self)

    def get_completion_args(self) -> tuple[list[str], str]:
        """Return the words before the one that is typed, and that one."""
        line = os.environ["COMP_LINE"]
        words = split_arg_string(line)[1:]
        if not words or (line[-1:].isspace() and not _is_quoted(line)):
            return words, ""
        return words[:-1], words[-1]

    def format_completion(self, item: CompletionItem[Any]) -> str:
        """Return what bash puts in place of what stands behind the last colon."""
        _, typed = self.get_completion_args()
        above = typed[: typed.rfind(":") + 1]
        value = item.value.removeprefix(above) if above and not _is_quoted(os.environ["COMP_LINE"]) else item.value
        return f"{item.type},{value}"


_COMPLETERS: dict[str, type[ShellComplete]] = {"bash": _Bash, "zsh": _Zsh, "fish": FishComplete}


def _is_quoted(line: str) -> bool:
    """Return whether the line ends within quotes."""
    quote = ""
    for char in line:
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
    return bool(quote)


def script(shell: str) -> str:
    """Return what a shell has to be told once."""
    from daytona_tui.cli.parsing import whole

    return _COMPLETERS[shell](whole(), {}, PROGRAM, VARIABLE).source()


def answer(instruction: str) -> str:
    """Return what can stand where the cursor is, as the shell that asks wants it; never fails."""
    from daytona_tui.cli.grammar import Common
    from daytona_tui.cli.parsing import whole

    shell, _, deed = instruction.partition("_")
    if shell not in _COMPLETERS or deed != "complete":
        return ""
    try:
        return _COMPLETERS[shell](whole(), {"obj": Common()}, PROGRAM, VARIABLE).complete()
    except (Exception, SystemExit):  # at a prompt nobody wants to read why there is nothing to offer
        return ""


def sandboxes(context: click.Context, typed: str) -> list[CompletionItem[str]]:
    """Return the names, or ids, of kept sandboxes that begin so."""
    from daytona_tui.operations.fleet_names import FILE, kept_names

    found = []
    for sandbox_id, name in kept_names(_directory(context) / FILE):
        word = name if _PLAIN.fullmatch(name) and name.startswith(typed) else sandbox_id
        is_asked_for = word == name or typed or not _PLAIN.fullmatch(name)
        if is_asked_for and word.startswith(typed) and _PLAIN.fullmatch(word):
            found.append(CompletionItem(word, help=sandbox_id))
    return found


def filters(context: click.Context, typed: str) -> list[CompletionItem[str]]:
    """Return how a filter can go on: keys and their values, or a sandbox."""
    from daytona_tui.domain.filtering.completion import complete

    found = complete(typed, len(typed), ())
    words = [CompletionItem(typed[: found.start] + each.text, help=each.note or None) for each in found.options]
    return [*words, *sandboxes(context, typed)]


def profiles(_context: click.Context, typed: str) -> list[CompletionItem[str]]:
    """Return the profiles that begin so."""
    from daytona_tui.config.settings import read_settings

    return [CompletionItem(each.name) for each in read_settings().profiles if each.name.startswith(typed)]


def files(_context: click.Context, typed: str) -> list[CompletionItem[str]]:
    """Let the shell offer files of this machine."""
    return [CompletionItem(typed, type="file")]


def files_and_sandboxes(context: click.Context, typed: str) -> list[CompletionItem[str]]:
    """Let the shell offer files of this machine, and offer sandboxes."""
    return [*files(context, typed), *sandboxes(context, typed)]


def _directory(context: click.Context) -> Path:
    """Return where things of the connection are kept that the command line names."""
    from daytona_tui.cli.grammar import Common
    from daytona_tui.config import paths
    from daytona_tui.config.connection import Secret
    from daytona_tui.config.settings import read_settings

    settings = read_settings(profile=context.ensure_object(Common).profile)
    shape = settings.connection(Secret("unknown-yet")) if settings.keyring else settings.connection()
    return paths.profile_dir(shape.profile_id(settings.profile))
