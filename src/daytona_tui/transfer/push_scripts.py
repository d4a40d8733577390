"""What runs in a sandbox to put the files of a push in their places: in Python, or in the plainest shell.

Both read an order and say, a line each and after the mark, what did not go well; ``done`` comes last. Both may be given
the same order again when an answer was lost. Pure.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

_NS = 1_000_000_000

PREFIX = ".daytona-tui-push-"
"""How the directory begins that holds the files until they are complete."""


@dataclass(frozen=True, slots=True)
class Landed:
    """A file that has arrived in the staging directory under the name ``index``.

    Attributes:
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
        dated: directories that get their mode and time of change at the very end.
        is_last: the staging directory is not needed any more.
        pack: the file in the staging directory that holds the contents of all the files, one after the other, instead
            of each under its number; only Python takes it apart.
        archive: likewise, but with ``tar``, each under its number.
    """

    files: Sequence[Landed] = ()
    directories: Sequence[tuple[str, int]] = ()
    links: Sequence[tuple[str, str, bool]] = ()
    dated: Sequence[tuple[str, int, int]] = ()
    is_last: bool = False
    pack: str = ""
    archive: str = ""


@dataclass(slots=True)
class Said:
    """What a script has said.

    Attributes:
        problems: a word by ``f``, ``d`` or ``l`` and a number; a number of the system's, or one of ``WORDS``.
        made: which of the directories did not exist, by their place in the order.
        is_complete: it came to its end.
        hashed: the SHA-256 was compared.
        dated: times of change could be set.
    """

    problems: dict[str, str]
    made: list[int]
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

PYTHON = r"""
import errno, hashlib, json, os, shutil, stat, subprocess, sys, time
stage, name, mark = os.fsencode(sys.argv[1]), os.fsencode(sys.argv[2]), sys.argv[3]
base, own = os.path.split(stage)
def say(*words):
    sys.stdout.write(" ".join((mark,) + words) + "\n")
def same(target, size, ns):
    there = os.lstat(target)
    return stat.S_ISREG(there.st_mode) and there.st_size == size and abs(there.st_mtime_ns - ns) < 2 * 10**9
def fits(data, size, digest):
    return len(data) == size and (not digest or hashlib.sha256(data).hexdigest() == digest)
def reads(path, size, digest):
    sums, length = hashlib.sha256(), 0
    with open(path, "rb") as stream:
        for chunk in iter(lambda: stream.read(1048576), b""):
            length += len(chunk)
            if digest:
                sums.update(chunk)
    return length == size and (not digest or sums.hexdigest() == digest)
def put(data, index, target, mode, ns, size, digest, replaces):
    path = os.path.join(stage, str(index).encode())
    if data is not None:
        if not fits(data, size, digest):
            return "differs"
        with open(path, "wb") as stream:
            stream.write(data)
    elif not os.path.exists(path):
        return "" if os.path.lexists(target) and same(target, size, ns) else "missing"
    elif not reads(path, size, digest):
        return "differs"
    os.chmod(path, mode)
    os.utime(path, ns=(ns, ns))
    if os.path.isdir(target):
        return "directory"
    if not replaces:
        try:
            os.link(path, target)
            os.unlink(path)
            return ""
        except FileExistsError:
            return "" if same(target, size, ns) else "appeared"
        except OSError:
            if os.path.lexists(target):
                return "" if same(target, size, ns) else "appeared"
    try:
        os.rename(path, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        beside = os.path.join(os.path.dirname(target), own + b"-" + str(index).encode())
        try:
            shutil.copy2(path, beside)
            os.rename(beside, target)
            os.unlink(path)
        finally:
            if os.path.lexists(beside):
                os.unlink(beside)
    return ""
def link(target, points_to, replaces):
    if os.path.islink(target) and os.readlink(target) == points_to:
        return ""
    if os.path.isdir(target) and not os.path.islink(target):
        return "directory"
    if os.path.lexists(target) and not replaces:
        return "appeared"
    beside = os.path.join(os.path.dirname(target), own + b"-link")
    os.symlink(points_to, beside)
    os.rename(beside, target)
    return ""
def make(target, mode):
    try:
        os.mkdir(target, 0o700)
        os.chmod(target, mode | 0o700)
        return "made"
    except FileExistsError:
        return "" if os.path.isdir(target) else "file"
def tried(key, act, *words):
    try:
        reason = act(*words)
    except OSError as error:
        reason = str(error.errno)
    if reason == "made":
        say("made", key[1:])
    elif reason:
        say(key, reason)
def sweep():
    for each in os.listdir(base):
        path = os.path.join(base, each)
        if each.startswith(b".daytona-tui-push-") and each != own and time.time() - os.lstat(path).st_mtime > 86400:
            shutil.rmtree(path, ignore_errors=True)
if len(sys.argv) > 4:
    text = os.fsencode(sys.argv[4])
else:
    with open(os.path.join(stage, name), "rb") as stream:
        text = stream.read()
order = json.loads(text.decode())
for number, (target, mode) in enumerate(order["directories"]):
    tried("d%d" % number, make, target.encode(), mode)
for number, (target, points_to, replaces) in enumerate(order["links"]):
    tried("l%d" % number, link, target.encode(), points_to.encode(), replaces)
if order["archive"]:
    subprocess.call(["tar", "-xof", order["archive"]], cwd=stage, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
pack, path = None, os.path.join(stage, order["pack"].encode())
if order["pack"] and os.path.exists(path):
    pack = open(path, "rb")
for index, target, mode, ns, size, digest, replaces in order["files"]:
    data = pack.read(size) if pack else None
    tried("f%d" % index, put, data, index, target.encode(), mode, ns, size, digest, replaces)
if pack:
    pack.close()
    os.unlink(path)
if order["last"]:
    shutil.rmtree(stage, ignore_errors=True)
    try:
        sweep()
    except OSError:
        pass
    for target, mode, ns in reversed(order["dated"]):
        try:
            os.chmod(target.encode(), mode)
            os.utime(target.encode(), ns=(ns, ns))
        except OSError:
            pass
say("done")
"""

_SHELL = r"""cd -- @STAGE@ || exit 1
M=@MARK@
say() { printf '%s %s %s\n' "$M" "$1" "$2"; }
d() {
  if mkdir "$3" 2>/dev/null; then chmod "$2" "$3"; say made "$1"
  elif [ ! -d "$3" ]; then say "d$1" refused; fi
}
l() {
  if [ -d "$3" ] && [ ! -L "$3" ]; then say "l$1" directory
  elif [ "$2" = 0 ] && { [ -e "$3" ] || [ -L "$3" ]; }; then say "l$1" appeared
  else rm -f "$3"; ln -s -- "$4" "$3" 2>/dev/null || say "l$1" refused; fi
}
f() {
  case $bad in *" $1 "*) say "f$1" differs; return ;; esac
  if [ ! -f "$1" ]; then say "f$1" missing; return; fi
  if [ -z "$H" ] && [ "$(wc -c < "$1")" -ne "$2" ]; then say "f$1" differs; return; fi
  if [ -d "$4" ]; then say "f$1" directory
  elif [ "$3" = 0 ] && { [ -e "$4" ] || [ -L "$4" ]; }; then cmp -s "$1" "$4" || say "f$1" appeared
  else mv -f "$1" "$4" 2>/dev/null || say "f$1" refused; fi
}
t() {
  s=$1; n=$2; shift 2
  touch -c -d "@$s.$n" "$@" 2>/dev/null || touch -c -d "@$s" "$@" 2>/dev/null || say undated yes
}
bad=' '
H=
"""
_HASH = r"""for h in sha256sum 'busybox sha256sum'; do printf '' | $h >/dev/null 2>&1 && { H=$h; break; }; done
cat > @NAME@ <<'END'
@SUMS@
END
if [ -n "$H" ]; then bad=" $($H -c @NAME@ 2>/dev/null | sed -n 's/: FAILED.*//p' | tr '\n' ' ') "
else say unhashed yes; fi
rm -f @NAME@
"""
_SWEEP = r"""cd /
rm -rf @STAGE@
find @BASE@ -maxdepth 1 -name '.daytona-tui-push-*' -mtime +0 -exec rm -rf {} + 2>/dev/null
"""


def as_json(order: Order) -> bytes:
    """Return the order as the Python script reads it."""
    told = {
        "files": [[f.index, f.target, f.mode, f.modified_ns, f.size_bytes, f.digest, f.replaces] for f in order.files],
        "directories": [list(each) for each in order.directories],
        "links": [list(each) for each in order.links],
        "dated": [list(each) for each in order.dated],
        "last": order.is_last,
        "pack": order.pack,
        "archive": order.archive,
    }
    return json.dumps(told, ensure_ascii=False).encode()


def python_command(stage: str, name: str, mark: str, order: bytes | None = None) -> str:
    """Return what has an order carried out by the sandbox's Python: this one, or that of the file ``name``."""
    command = f"python3 -I -c {shlex.quote(PYTHON)} {shlex.quote(stage)} {shlex.quote(name)} {mark}"
    return command if order is None else f"{command} {shlex.quote(order.decode())}"


def as_shell(order: Order, stage: str, mark: str) -> bytes:
    """Return the order as a shell script of its own."""
    return "".join(_shell_pieces(order, stage, mark)).encode()


def _shell_pieces(order: Order, stage: str, mark: str) -> Iterator[str]:
    base = stage.rpartition("/")[0] or "/"
    yield _SHELL.replace("@STAGE@", shlex.quote(stage)).replace("@MARK@", mark)
    for number, (target, mode) in enumerate(order.directories):
        yield f"d {number} {mode | 0o700:o} {shlex.quote(target)}\n"
    for number, (target, points_to, replaces) in enumerate(order.links):
        yield f"l {number} {replaces:d} {shlex.quote(target)} {shlex.quote(points_to)}\n"
    if order.archive:
        yield f"tar -xof {order.archive} 2>/dev/null\n"
    sums = "\n".join(f"{file.digest}  {file.index}" for file in order.files if file.digest)
    if sums:
        yield _HASH.replace("@NAME@", f"sums-{mark}").replace("@SUMS@", sums)
    for mode, files in _grouped((file.mode, str(file.index)) for file in order.files):
        yield f"chmod {mode:o} {' '.join(files)} 2>/dev/null\n"
    for ns, files in _grouped((file.modified_ns, str(file.index)) for file in order.files):
        yield f"t {ns // _NS} {ns % _NS:09} {' '.join(files)}\n"
    for file in order.files:
        yield f"f {file.index} {file.size_bytes} {file.replaces:d} {shlex.quote(file.target)}\n"
    if order.is_last:
        yield _SWEEP.replace("@STAGE@", shlex.quote(stage)).replace("@BASE@", shlex.quote(base))
    for target, mode, ns in reversed(order.dated):
        yield f"chmod {mode:o} {shlex.quote(target)} && t {ns // _NS} {ns % _NS:09} {shlex.quote(target)}\n"
    yield "say done yes\n"


def _grouped(pairs: Iterable[tuple[int, str]]) -> Iterator[tuple[int, list[str]]]:
    groups: dict[int, list[str]] = {}
    for key, value in pairs:
        groups.setdefault(key, []).append(value)
    yield from groups.items()


def read(output: str, mark: str) -> Said:
    """Return what a script has said; lines without the mark are somebody else's."""
    said = Said({}, [])
    for line in output.splitlines():
        words = line.split(" ")
        if words[0] != mark or len(words) < 2:
            continue
        if words[1] == "done":
            said.is_complete = True
        elif words[1] == "unhashed":
            said.hashed = False
        elif words[1] == "undated":
            said.dated = False
        elif words[1] == "made":
            said.made += [int(word) for word in words[2:3] if word.isdigit()]
        elif len(words) > 2:
            said.problems[words[1]] = words[2]
    return said
