"""Take home what was done in a repository of a sandbox: one patch of all that the remote does not have.

Commits that were not pushed, changes that were not committed, and files that git does not know yet become one text for
``git apply``, binary files included. It is made with an index and an object store of its own, so that the repository
stays as it is, and tried out in the sandbox: it applies to the commit that it says it is for.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import os
import posixpath
import re
import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from daytona_tui.domain.ports import Gateway
from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.errors import RemoteError, TransferError, VerificationError
from daytona_tui.operations.git_script import look

MOST_BYTES = 48 << 20
"""Of a patch; what is longer is refused, since a part of a patch is none."""

# D is a directory of our own, with an index and the objects that staging would make; both are gone at the end. The base
# is what the remotes have of this branch: where it follows one, what they have in common, else the youngest commit that
# any remote has, else nothing. All commits, changes and files since then are in the patch.
_PATCH = r"""
D=$(mktemp -d) || exit 0
trap 'rm -rf "$D"' EXIT HUP INT TERM
O=$(cd -- "$R" && cd -- "$(g "$R" rev-parse --git-path objects)" && pwd -P)
E=$(g "$R" hash-object -t tree /dev/null)
h=$(g "$R" rev-parse -q --verify HEAD)
b=
if [ -n "$1" ]; then
  b=$(g "$R" rev-parse -q --verify --end-of-options "$1^{commit}") || { printf 'no-base\0'; exit 0; }
elif [ -n "$h" ]; then
  b=$(g "$R" merge-base HEAD '@{upstream}') || b=$(g "$R" rev-list --boundary HEAD --not --remotes | sed -n 's/^-//p' | head -n 1)
  [ -n "$b" ] || { [ -n "$(g "$R" for-each-ref --count=1 refs/remotes)" ] &&
    [ -z "$(g "$R" rev-list -n 1 HEAD --not --remotes)" ] && b=$h; }
fi
cd -- "$(g "$R" rev-parse --show-toplevel)" || exit 0
export GIT_INDEX_FILE="$D/index" GIT_OBJECT_DIRECTORY="$D/objects" GIT_ALTERNATE_OBJECT_DIRECTORIES="$O"
mkdir "$D/objects"
g . read-tree "${h:-$E}" && g . add --all -- . || { printf 'no-index\0'; exit 0; }
g . diff --cached --binary --full-index --no-color --no-ext-diff --no-textconv -M "${b:-$E}" -- > "$D/patch" || exit 0
t=$(g . write-tree)
g . read-tree "${b:-$E}"
a=no
if [ ! -s "$D/patch" ]; then a=empty
elif g . apply --cached --whitespace=nowarn "$D/patch" && [ "$(g . write-tree)" = "$t" ]; then a=yes; fi
printf 'patch\0%s\0%s\0%s\0%s\0%s\0' "$b" "$h" "$(g . symbolic-ref -q --short HEAD)" "$a" "$(wc -c < "$D/patch")"
g . log -1 --no-color --format=%s "${b:-$h}" --; printf '\0'
if [ "$(wc -c < "$D/patch")" -le @LIMIT@ ]; then base64 < "$D/patch"; fi
printf '\0%s\0' "$(sha256sum < "$D/patch")"
"""  # noqa: E501 - a pipe is one line

_AROUND = 100_000
"""What is told of a patch, in bytes."""

_ODD = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class Patch:
    """What a repository has that its remote does not.

    Attributes:
        text: exact, for ``git apply``; empty where there is nothing to take.
        repository: absolute path, in the sandbox.
        base: hash of the commit that it applies to; empty for nothing at all.
        base_subject: hostile text.
        head: hash of the last commit in it; empty for none.
        branch: hostile text.
    """

    text: bytes
    repository: str
    base: str = ""
    base_subject: str = ""
    head: str = ""
    branch: str = ""

    @property
    def files(self) -> int:
        """How many files it changes."""
        return len(re.findall(rb"^diff --git ", self.text, re.MULTILINE))

    def whole(self, sandbox: Sandbox) -> bytes:
        """Return it with lines before it that say where it is from; ``git apply`` passes over them."""
        base = f"{self.base} {self.base_subject}" if self.base else "nothing: an empty repository"
        lines = [
            f"Sandbox: {sandbox.name} ({sandbox.id})",
            f"Repository: {self.repository}",
            f"Branch: {self.branch or 'none'}",
            f"Applies to: {base}",
        ]
        head = "".join(f"# {_line(line)}\n" for line in lines)
        return head.encode("utf-8", "replace") + b"\n" + self.text

    def file_name(self, sandbox: Sandbox, now: datetime) -> str:
        """Return a name that says where it is from."""
        parts = (sandbox.name, posixpath.basename(self.repository), self.branch, self.head[:10])
        named = "-".join(word for part in parts if (word := _ODD.sub("-", part).strip("-.")[:60]))
        return f"{named or 'patch'}-{now.astimezone(UTC):%Y%m%d-%H%M%S}.patch"


def _line(text: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


async def take_patch(gateway: Gateway, sandbox: Sandbox, path: str, base: str = "") -> Patch:
    """Return what the repository at ``path`` has that its remote does not. Peeks; changes nothing in it.

    Args:
        gateway: where the sandbox is.
        sandbox: which.
        path: absolute.
        base: a revision to count from; empty for what the remote has.

    Raises:
        NoGitError: the sandbox has no program git.
        NotFoundError: there is no repository.
        TransferError: it cannot be made, or is too long.
        VerificationError: it does not make of the base what is in the sandbox, or did not arrive as it was.
    """
    script = _PATCH.replace("@LIMIT@", str(MOST_BYTES))
    seen = await look(gateway, sandbox.id, path, script, most=MOST_BYTES * 3 // 2 + _AROUND, words=[base])
    kind, *fields = seen.text.split("\0")
    if kind == "no-base":
        raise TransferError(f"the repository has no revision {base[:60]!r}", hint="git log shows the commits")
    if kind != "patch" or len(fields) < 9:
        raise TransferError("no patch could be made of the repository", hint="can its files be read, /tmp be written?")
    found, head, branch, applies, size, subject, encoded, said, *_ = fields
    if not size.strip().isdigit() or int(size) > MOST_BYTES:
        hint = "--base REVISION counts from a later commit; pull copies files"
        raise TransferError(f"the patch is longer than {MOST_BYTES >> 20} MiB", hint=hint)
    if applies == "no":
        raise VerificationError("the patch does not make of its base what is in the sandbox", hint="pull the files")
    text = await asyncio.to_thread(_decoded, encoded, int(size), said.split(" ")[0])
    await _require_sound(text)
    return Patch(text, path, found.strip(), subject.strip("\n"), head.strip(), branch.strip())


def _decoded(encoded: str, size: int, digest: str) -> bytes:
    try:
        text = base64.b64decode("".join(encoded.split()), validate=True)
    except binascii.Error:
        raise VerificationError("the patch did not arrive as it was") from None
    is_other = len(digest) == 64 and hashlib.sha256(text).hexdigest() != digest  # busybox without it tells none
    if len(text) != size or is_other:
        raise VerificationError("the patch did not arrive as it was")
    return text


async def _require_sound(text: bytes) -> None:
    """Let git of this machine read the patch, where there is one: a text that it cannot is of no use."""
    if not text or shutil.which("git") is None:
        return
    nothing = asyncio.subprocess.DEVNULL
    with tempfile.TemporaryDirectory() as empty:
        running = await asyncio.create_subprocess_exec(
            *("git", "apply", "--numstat", "-"),
            stdin=asyncio.subprocess.PIPE,
            stdout=nothing,
            stderr=nothing,
            cwd=empty,
            env={**os.environ, "GIT_DIR": str(Path(empty) / "none")},
        )
        try:
            await running.communicate(text)
        finally:
            if running.returncode is None:
                running.kill()
                await running.wait()
    if running.returncode != 0:
        raise VerificationError("git of this machine cannot read the patch", hint="pull the files instead")


def save_patch(directory: Path, name: str, contents: bytes, *, may_rename: bool = True) -> Path:
    """Write a patch below ``directory`` and return where; under another name if this one is taken. Touches the disk.

    Raises:
        TransferError: it cannot be written, or the name is taken and must not be another.
    """
    stem = name.removesuffix(".patch")
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for number in range(100):
            path = directory / (f"{stem}-{number}.patch" if number else name)
            try:
                descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            except FileExistsError:
                if may_rename:
                    continue
                raise TransferError(f"there is a file {str(path)!r} already", hint="name another one") from None
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(contents)
            return path
    except OSError as error:
        raise TransferError(f"the patch could not be written: {error.strerror}") from None
    raise TransferError(f"{directory} has too many patches of this name")


async def save(gateway: Gateway, sandbox: Sandbox, path: str, directory: Path, base: str = "") -> tuple[Patch, Path]:
    """Take the patch and write it below ``directory``; return both.

    Raises:
        RemoteError: there is nothing to take.
        DaytonaTuiError: see ``take_patch``.
    """
    patch = await take_patch(gateway, sandbox, path, base)
    if not patch.text:
        raise RemoteError("there is nothing to take: the remote has all of it")
    name = patch.file_name(sandbox, datetime.now(UTC))
    return patch, await asyncio.to_thread(save_patch, directory, name, patch.whole(sandbox))
