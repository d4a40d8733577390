"""What runs in a sandbox to put the files of a push in their places, in the plainest shell. Pure.

It reads an order and says, a line each and after the mark, what did not go well; ``done`` comes last. It may be given
the same order again when an answer was lost. What can be done for many files by one program is done so: a program for
each file would cost more than the file.
"""

from __future__ import annotations

import posixpath
import re
import secrets
import shlex
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import TypeVar

from daytona_tui.transfer.push_survey import in_scripts

K = TypeVar("K", bound=Hashable)

PREFIX = ".daytona-tui-push-"
"""How the directory begins that holds the files until they are complete."""

_NS = 1_000_000_000
_KEY = re.compile("[fdl][0-9]+")
READABLE = 0o400
"""What a file needs to be compared."""
_MAX_NAME = 100
_MAX_DIRECTORY = 150
"""Bytes that every tar takes."""


@dataclass(frozen=True, slots=True)
class Landed:
    """A file that has arrived in the staging directory.

    Attributes:
        index: what it is called there, where it is not part of an archive.
        digest: SHA-256 of what was sent; empty where it is not to be compared.
        replaces: what is at the target is replaced; otherwise it must not be there.
    """

    index: int
    target: str
    mode: int
    modified_ns: int
    size_bytes: int
    digest: str
    replaces: bool


@dataclass(frozen=True, slots=True)
class Order:
    """What to do at once.

    Attributes:
        directories: to be made, with their modes; parents first.
        links: target, where it points to, whether it replaces what is there.
        dated: directories that get their mode and time of change; parents first.
        litter: directories that a push which was killed has left.
        is_last: the staging directory is not needed any more.
        archive: the file in the staging directory that holds the files, and this order; empty where each is there by
            itself.
        mark: a word that nobody in the sandbox knows.
    """

    files: Sequence[Landed] = ()
    directories: Sequence[tuple[str, int]] = ()
    links: Sequence[tuple[str, str, bool]] = ()
    dated: Sequence[tuple[str, int, int]] = ()
    litter: Sequence[str] = ()
    is_last: bool = False
    archive: str = ""
    mark: str = field(default_factory=lambda: secrets.token_hex(12))


@dataclass(slots=True)
class Said:
    """What a script has said.

    Attributes:
        problems: by ``f``, ``d`` or ``l`` and a number: one of ``WORDS``, or what the system calls it.
        made: which of the directories did not exist, by their place in the order.
        trouble: why an archive could not be unpacked, where that is no fault of a file.
        is_complete: it came to its end.
        hashed: the SHA-256 was compared.
        dated: times of change could be set.
    """

    problems: dict[str, str]
    made: list[int]
    trouble: str = ""
    is_complete: bool = False
    hashed: bool = True
    dated: bool = True


WORDS = {
    "differs": "what arrived is not what was sent",
    "missing": "it did not arrive",
    "directory": "a directory is there",
    "file": "a file is there, where a directory should be",
    "appeared": "it appeared there meanwhile",
    "refused": "the sandbox refused it",
}

# `ln` and `cp -ln` never replace anything, which no test beforehand can promise; a rename replaces at one moment. The
# -n is for busybox, whose `cp -l` takes away what is in the way; with it, it links nothing, and files go by themselves.
_BEGIN = r"""export LC_ALL=C
M=@MARK@ S=@STAGE@ B=@BASE@ H=
NL='
'
say() { printf '%s %s %s\n' "$M" "$1" "$2"; }
hash_by() { [ "$H" ] || { printf '' | "$@" >/dev/null 2>&1 && H=$*; }; }
told() {
  if [ "$H" ]; then $H "$@" 2>/dev/null | cut -d ' ' -f 1
  else wc -c "$@" /dev/null 2>/dev/null | awk 'NR > 2 { print b } { b = a; a = $1 }'; fi
}
check() {
  want=$1; [ "$H" ] || want=$2; shift 2
  [ "$(told "$@")" = "$want" ] && return
  for n; do
    one=${want%%"$NL"*}; want=${want#*"$NL"}
    [ "$(told "$n")" = "$one" ] || bad=$bad$n$NL
  done
}
d() {
  first=$1 mode=$2; shift 2
  n=$first; for p; do [ -d "$p" ] || say made "$n"; n=$((n + 1)); done
  e=$(mkdir -m "$mode" -- "$@" 2>&1)
  n=$first
  for p; do
    if [ ! -d "$p" ]; then if [ -e "$p" ]; then say "d$n" file; else say "d$n" "${e##*: }"; fi; fi
    n=$((n + 1))
  done
}
l() {
  if [ -L "$3" ] && [ "$(readlink -- "$3")" = "$4" ]; then :
  elif [ -d "$3" ] && [ ! -L "$3" ]; then say "l$1" directory
  elif [ "$2" = 0 ] && { [ -e "$3" ] || [ -L "$3" ]; }; then say "l$1" appeared
  else e=$(ln -sfn -- "$4" "$3" 2>&1) || say "l$1" "${e##*: }"; fi
}
near() { case $(stat -c %d -- "$S" "$@" 2>/dev/null | sort -u) in '' | *[!0-9]*) return 1 ;; esac; }
swap() {
  from=$1 to=$2; shift 2
  for n; do shift; [ -d "$to/$n" ] || set -- "$@" "$n"; done
  [ $# = 0 ] || (cd -- "$from" && mv -f -- "$@" "$to/") 2>/dev/null
}
f() {
  [ "$3" -ef "$4" ] && return
  if [ ! -f "$3" ]; then say "f$1" missing; return; fi
  case $bad in *"$NL$3$NL"*) say "f$1" differs; return ;; esac
  if [ -d "$4" ]; then say "f$1" directory; return; fi
  if [ "$2" = 0 ]; then
    ln -- "$3" "$4" 2>/dev/null && return
    if [ -e "$4" ] || [ -L "$4" ]; then cmp -s -- "$3" "$4" || say "f$1" appeared; return; fi
  fi
  b=${4%/*}/${S##*/}-$1
  e=$( { ln -- "$3" "$b" 2>/dev/null || cp -p -- "$3" "$b"; } 2>&1 && mv -f -- "$b" "$4" 2>&1) && return
  rm -f -- "$b"; say "f$1" "${e##*: }"
}
t() {
  s=$1; shift
  touch -c -d "@$s" -- "$@" 2>/dev/null || touch -c -d "@${s%.*}" -- "$@" 2>/dev/null || say undated
}
bad=$NL
"""
_HASH = """hash_by openssl dgst -sha256 -r; hash_by sha256sum; hash_by busybox sha256sum; hash_by shasum -a 256
[ "$H" ] || say unhashed
"""
_SWEEP = r"""cd /
rm -rf -- "$S"
find "$B" -mindepth 1 -maxdepth 1 -name '.daytona-tui-push-[0-9a-f]*-[0-9]*-[0-9a-f]*-[0-9a-f]*' -mtime +0 \
  -exec rm -rf {} + 2>/dev/null
"""
_UNPACK = r"""cd -- @STAGE@ || exit 1
if [ ! -e @NAME@.d/order ]; then
  mkdir @NAME@.d 2>/dev/null
  e=$(LC_ALL=C tar -xpof @NAME@ -C @NAME@.d 2>&1 |
    grep -i -e 'no space left' -e 'quota exceeded' -e 'read-only' | tail -n 1)
  [ -z "$e" ] || printf '%s tar %s\n' @MARK@ "${e##*: }"
  rm -f @NAME@
fi
sh @NAME@.d/order"""


def as_shell(order: Order, stage: str) -> bytes:
    """Return a script that does it; run it with ``sh``, from anywhere."""
    return "".join(_script(order, stage)).encode("utf-8", "replace")


def unpacking(order: Order, stage: str) -> str:
    """Return a command that takes the order's archive apart and does what the order in it says."""
    words = {"@STAGE@": shlex.quote(stage), "@NAME@": order.archive, "@MARK@": order.mark}
    return _with(_UNPACK, words)


def place_of(file: Landed, order: Order, base: str) -> str:
    """Return what a file is called in the archive of its order, or in the staging directory.

    In an archive those whose names no tool minds stand as they will stand below ``base``, apart by whether they
    replace something: so that one program can put them all in their places.
    """
    if not order.archive:
        return str(file.index)
    below = posixpath.relpath(file.target, base)
    if _is_plain(below):
        return f"over/{below}" if file.replaces else f"new/{below}"
    return f"odd/{file.index}"


def _is_plain(below: str) -> bool:
    if "\\" in below or below.startswith("..") or not below.isprintable():
        return False
    directory, name = posixpath.split(below)
    return len(directory.encode()) <= _MAX_DIRECTORY and len(name.encode()) <= _MAX_NAME


def _script(order: Order, stage: str) -> Iterator[str]:
    base = posixpath.dirname(stage)
    yield _with(_BEGIN, {"@MARK@": order.mark, "@STAGE@": shlex.quote(stage), "@BASE@": shlex.quote(base)})
    for paths in in_scripts(order.litter):
        yield f"rm -rf -- {shlex.join(paths)}\n"
    yield from _directories(order.directories)
    for number, (target, points_to, replaces) in enumerate(order.links):
        yield f"l {number} {replaces:d} {shlex.quote(target)} {shlex.quote(points_to)}\n"
    if order.files:
        yield 'cd -- "$S" || exit 1\n'
        yield from _files(order, base)
    if order.is_last:
        yield _SWEEP
    for time, dated in _grouped((seconds(ns), target) for target, _, ns in order.dated):
        yield from (f"t {time} {shlex.join(paths)}\n" for paths in in_scripts(dated))
    for mode, run in groupby(reversed(order.dated), key=lambda each: each[1]):
        yield from (f"chmod {mode:o} {shlex.join(paths)}\n" for paths in in_scripts(target for target, _, _ in run))
    yield "say done\n"


def _directories(directories: Sequence[tuple[str, int]]) -> Iterator[str]:
    number = 0
    for mode, run in groupby(directories, key=lambda each: each[1] | 0o700):
        for paths in in_scripts(target for target, _ in run):
            yield f"d {number} {mode:o} {shlex.join(paths)}\n"
            number += len(paths)


def _files(order: Order, base: str) -> Iterator[str]:
    """Yield what compares files, gives them their modes and times, and puts them in their places."""
    files = order.files
    prefix = f"{order.archive}.d/" if order.archive else ""
    places = {file.index: prefix + place_of(file, order, base) for file in files}
    if all(file.digest for file in files):
        yield _HASH
    digests = "\n".join(file.digest for file in files)
    sizes = "\n".join(str(file.size_bytes) for file in files)
    yield f"check '{digests}' '{sizes}' {shlex.join(places.values())}\n"
    unset = [file for file in files if not (order.archive and file.mode & READABLE)]
    for mode, names in _grouped((file.mode, places[file.index]) for file in unset):
        yield f"chmod {mode:o} {shlex.join(names)} 2>/dev/null\n"
    if not order.archive:
        for time, names in _grouped((seconds(file.modified_ns), places[file.index]) for file in files):
            yield f"t {time} {shlex.join(names)}\n"
    else:
        yield f'[ "$bad" != "$NL" ] || [ ! -d {prefix}new ] || cp -Rln {prefix}new/. "$B/" 2>/dev/null\n'
        yield from _swaps([file for file in files if places[file.index].startswith(f"{prefix}over/")], prefix, base)
    for file in files:
        yield f"f {file.index} {file.replaces:d} {shlex.quote(places[file.index])} {shlex.quote(file.target)}\n"


def _swaps(files: Sequence[Landed], prefix: str, base: str) -> Iterator[str]:
    """Yield what replaces files, a directory at once. Between file systems a rename is none: not there."""
    if not files:
        return
    groups = dict(_grouped(posixpath.split(file.target) for file in files))
    yield f'if [ "$bad" = "$NL" ] && near {shlex.join(groups)} && cp -Rl {prefix}over {prefix}copy 2>/dev/null; then\n'
    for directory, names in groups.items():
        source = shlex.quote(f"{prefix}copy/{posixpath.relpath(directory, base)}")
        yield f"swap {source} {shlex.quote(directory)} {shlex.join(names)}\n"
    yield "fi\n"


def seconds(ns: int) -> str:
    """Return a time as a decimal number."""
    sign = "-" if ns < 0 else ""
    return f"{sign}{abs(ns) // _NS}.{abs(ns) % _NS:09}"


def _with(text: str, words: dict[str, str]) -> str:
    """Return ``text`` with each word replaced; what is put in is not looked at again."""
    return re.sub("@[A-Z]+@", lambda found: words[found[0]], text)


def _grouped(pairs: Iterable[tuple[K, str]]) -> Iterator[tuple[K, list[str]]]:
    groups: dict[K, list[str]] = {}
    for key, value in pairs:
        groups.setdefault(key, []).append(value)
    yield from groups.items()


def read(output: str, mark: str) -> Said:
    """Return what a script has said; lines without the mark are somebody else's."""
    said = Said({}, [])
    for line in output.splitlines():
        whose, _, rest = line.partition(" ")
        word, _, about = rest.partition(" ")
        if whose != mark:
            continue
        if word == "done":
            said.is_complete = True
        elif word == "unhashed":
            said.hashed = False
        elif word == "undated":
            said.dated = False
        elif word == "tar":
            said.trouble = about
        elif word == "made":
            said.made += [int(about)] if about.isascii() and about.isdigit() else []
        elif _KEY.fullmatch(word):
            said.problems[word] = about or "refused"
    return said
