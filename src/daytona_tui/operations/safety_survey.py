"""One look round in a sandbox: a shell script that reads and changes nothing, and what its output means.

A file name may hold anything but NUL, so records end with NUL; marks of the script begin with a word that nobody in the
sandbox knows beforehand. It keeps to what both GNU and busybox have. What comes back is hostile text all the same.
"""

from __future__ import annotations

import posixpath
import secrets
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

PRUNED = (
    "node_modules", "__pycache__", ".cache", ".npm", ".cargo", ".rustup", ".venv", "venv", "site-packages", ".tox",
    ".mypy_cache", ".pytest_cache", ".ruff_cache", ".gradle", ".m2", ".daytona",
)  # fmt: skip
"""Directories of what can be had again: not searched for files of its own. Repositories in them are found."""

USUAL = (
    ".bashrc", ".bash_profile", ".bash_login", ".bash_logout", ".bash_history", ".profile", ".zshrc", ".zsh_history",
    ".gitconfig", ".viminfo", ".lesshst", ".python_history", ".node_repl_history", ".wget-hsts",
    ".sudo_as_admin_successful",
)  # fmt: skip
"""Files of every home: nobody's work."""

MOST_BYTES = 8_000_000
"""Of each part of the output: of the files, a hundred thousand or so. What is longer is known to be incomplete."""

_IDLE = frozenset({"sleep", "daytona", "daytona-daemon", "tini", "dumb-init", "init", "docker-init", "catatonit"})
_SHELLS = frozenset({"sh", "bash", "dash", "ash", "zsh", "fish", "busybox"})
_OWN = ["head", "-c", str(MOST_BYTES)]
"""The one process of the look that outlasts it without the mark among its words."""
_FIELDS = 6
_SEPARATOR = "\x1f"

# Variables of the whole script: T the mark, W where to look, S seconds since the epoch after which a file counts.
# Where the daemon is the first process, nobody else's programs can be seen, and all of them count, with whatever
# environment they were started. Elsewhere a program is known by the sandbox's id in its environment.
_SCRIPT = r"""
if ! cd -- "$W" 2>/dev/null; then printf '%s gone\0' "$T"; exit 0; fi
M=$(( ($(date +%s) - S) / 60 + 2 ))
section() {
  printf '%s %s\0' "$T" "$1"
  { "$1" || printf '%s partial\0' "$T"; printf '%s done\0' "$T"; } 2>/dev/null | head -c @LIMIT@
  printf '\0'
}
repositories() {
  find -H "$W" \( @SYSTEM@ \) -prune -o -name .git -prune -exec sh -c @EACH@ sh {} +
}
files() {
  if find / -maxdepth 0 -printf '' 2>/dev/null; then
    find -H "$W" \( @SYSTEM@ @PRUNE@ -o -name .git \) -prune -o -type f -mmin -$M -printf '%T@ %s %p\0'
  else
    find -H "$W" \( @SYSTEM@ @PRUNE@ -o -name .git \) -prune -o -type f -mmin -$M \
      -exec sh -c 'for f; do printf "%s %s\0" "$(stat -c "%Y %s" "$f")" "$f"; done' sh {} +
  fi
}
programs() {
  for p in /proc/[0-9]*; do
    [ "${p#/proc/}" = "$$" ] && continue
    if [ -n "$DAYTONA_SANDBOX_ID" ] && { [ "$PPID" -gt 1 ] || [ "$p" = /proc/1 ]; }; then
      tr '\0' '\n' < "$p/environ" | grep -qx "DAYTONA_SANDBOX_ID=$DAYTONA_SANDBOX_ID" || continue
    fi
    c=$(tr '\0' '\037' < "$p/cmdline" | head -c 300)
    [ -n "$c" ] && printf '%s\0' "$c"
  done
  return 0
}
section repositories; section files; section programs
exit 0
"""

# For each .git: its working tree, its store, commits on no remote, stashes, what it borrows from, a mark that differs
# when anything in the store does; then ignored files. The index is left out: who only asks for a status may write it.
# A remote within the sandbox is deleted with it, so what was pushed there alone was pushed nowhere.
# A repository's own settings name programs that git runs while it only reads: a monitor, a verifier, and what fetches
# an object that is missing. None of them may.
_EACH = r"""
export GIT_ALLOW_PROTOCOL= GIT_NO_LAZY_FETCH=1
for g; do
  r=${g%/.git}; [ -n "$r" ] || r=/
  c=; n=; s=; a=; m=
  [ -d "$g" ] && c=$g
  git() { command git -c safe.directory='*' @HARMLESS@ --no-optional-locks -C "$r" "$@"; }
  if t=$(git rev-parse --show-toplevel) && [ "$t" -ef "$r" ]; then
    c=$(cd -- "$r" && cd -- "$(git rev-parse --git-common-dir)" && pwd -P)
    p=
    for o in $(git remote); do
      case "$o" in *[*?[]*) continue ;; esac
      case $(git remote get-url "$o") in
        /*|.*|"~"*|file:*|*://localhost[:/]*|*://127.*) ;;
        *:*) p="$p --remotes=$o" ;;
      esac
    done
    n=$(git rev-list --count $(git rev-parse -q --verify HEAD) --branches --not $p)
    s=$(git stash list | wc -l)
    a=$(cat "$c/objects/info/alternates")
    m=$(ls -lRni -- "$c" | grep -v -e ' index$' -e '^ *[0-9]* d' -e '^total' | cksum)
  fi
  printf '%s\0%s\0%s\0%s\0%s\0%s\0' "$r" "$c" "$n" "$s" "$a" "$m"
  [ -n "$t" ] && git ls-files --others --ignored --exclude-standard -z -- . @EXCLUDE@
  printf '\0'
done
exit 0
"""


_HARMLESS = "-c core.fsmonitor= -c log.showSignature=false -c core.hooksPath=/dev/null"


@dataclass(frozen=True, slots=True)
class SeenRepository:
    """A ``.git`` with what the program git says of it; None and empty where it says nothing.

    ``mark`` differs when anything in its own store does.
    """

    path: str
    stores: tuple[str, ...] = ()
    unpushed: int | None = None
    stashes: int | None = None
    ignored: frozenset[str] = frozenset()
    mark: str = ""


@dataclass(slots=True)
class Survey:
    """What the script saw. ``gaps`` says what of it is incomplete, a sentence each."""

    repositories: list[SeenRepository] = field(default_factory=list)
    files: list[tuple[str, int, datetime]] = field(default_factory=list)
    programs: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)


def survey_script(work_dir: str, since: datetime | None) -> tuple[str, str]:
    """Return the script for a working directory and its mark; files older than ``since`` do not count."""
    mark = secrets.token_hex(12)
    exclude = " ".join(shlex.quote(f":(exclude,glob)**/{name}/**") for name in PRUNED)
    parts = {
        "@EACH@": shlex.quote(_EACH.replace("@EXCLUDE@", exclude).replace("@HARMLESS@", _HARMLESS)),
        "@SYSTEM@": "-path /proc -o -path /sys -o -path /dev",
        "@PRUNE@": " ".join(f"-o -name {shlex.quote(name)}" for name in PRUNED),
        "@LIMIT@": str(MOST_BYTES),
    }
    script = _SCRIPT
    for key, text in parts.items():
        script = script.replace(key, text)
    # The mark comes first: the processes of the look itself are known by it.
    seconds = int(since.timestamp()) if since is not None else 0
    return f"T={mark}; W={shlex.quote(posixpath.normpath(work_dir))}; S={seconds}\n{script}", mark


def read_survey(output: str, mark: str) -> Survey:
    """Return what the script has said; whatever does not have the expected form is a gap."""
    survey = Survey()
    sections, broken = _sections(output, mark)
    names = {"repositories": "repositories", "files": "files", "programs": "processes"}
    for name, words in names.items():
        if name not in sections:
            survey.gaps.append(f"its {words} could not be looked at")
        elif name in broken:
            survey.gaps.append(f"there are more {words} than were looked at, or some cannot be read")
    survey.repositories = list(_repositories(sections.get("repositories", ())))
    for record in sections.get("files", ()):
        found = _file(record)
        if found is None:
            survey.gaps.append("a file has no readable description")
        elif posixpath.basename(found[0]) not in USUAL:
            survey.files.append(found)
    survey.programs = [" ".join(words) for words in _programs(sections.get("programs", ()), mark)]
    survey.gaps = list(dict.fromkeys(survey.gaps))
    return survey


def _sections(output: str, mark: str) -> tuple[dict[str, list[str]], set[str]]:
    """Return the records of each part by its name, and the names of those that are incomplete."""
    sections: dict[str, list[str]] = {}
    broken: set[str] = set()
    name = ""
    for record in output.split("\0"):
        word = record.removeprefix(f"{mark} ") if record.startswith(f"{mark} ") else ""
        if word == "done":
            broken.discard(f"open {name}")
            name = ""
        elif word == "partial":
            broken.add(name)
        elif word:
            name = word
            sections[name] = []
            broken.add(f"open {name}")
        elif name:
            sections[name].append(record)
    return sections, {each.removeprefix("open ") for each in broken}


def _repositories(records: Sequence[str]) -> Iterator[SeenRepository]:
    at = 0
    while at + _FIELDS <= len(records):
        path, store, unpushed, stashes, borrowed, mark = records[at : at + _FIELDS]
        end = next((i for i in range(at + _FIELDS, len(records)) if not records[i]), len(records))
        ignored = frozenset(posixpath.join(path, name) for name in records[at + _FIELDS : end])
        stores = [store] if store else []
        stores += [_origin(store, line) for line in borrowed.splitlines() if line and store]
        yield SeenRepository(path, tuple(stores), _number(unpushed), _number(stashes), ignored, mark.strip())
        at = end + 1


def _origin(store: str, objects: str) -> str:
    """Return the directory whose objects a repository borrows; the line names its ``objects``."""
    return posixpath.dirname(posixpath.normpath(posixpath.join(store, "objects", objects)))


def _number(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _file(record: str) -> tuple[str, int, datetime] | None:
    seconds, _, rest = record.partition(" ")
    size, _, path = rest.partition(" ")
    if not path.startswith("/") or not (size.isascii() and size.isdigit()):
        return None
    try:
        return path, int(size), datetime.fromtimestamp(float(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _programs(records: Sequence[str], mark: str) -> Iterator[list[str]]:
    """Yield the words of those programs that do something: no look of ours, no shell that waits, nobody's ``sleep``."""
    for record in records:
        words = [word for word in record.split(_SEPARATOR) if word]
        if not words or mark in record or words == _OWN:
            continue
        name = posixpath.basename(words[0]).lstrip("-")
        is_waiting_shell = name in _SHELLS and all(word.startswith("-") and "c" not in word for word in words[1:])
        if name not in _IDLE and not is_waiting_shell and words[:3] != ["tail", "-f", "/dev/null"]:
            yield words
