"""The ``git`` program, run inside a box for one request, and its refusals in the daemon's codes.

Nothing a client says becomes an option: names are checked or come after ``--``, and no shell is involved. Credentials
travel in the environment of the one program, and a helper answers from there; they are in no argument, file or message.
"""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field

from aiohttp import web

from daytona_tui.emulator.body.box import Box
from daytona_tui.emulator.body.processes import StartError
from daytona_tui.emulator.envelope import ApiError, daemon_error
from daytona_tui.emulator.toolbox.running import Order, Outcome, run

TIMEOUT_S = 600.0
"""Longest time for one git program; a clone over a slow line takes minutes."""
TAIL = 2000
"""Characters of git's own words in a refusal."""

_USER, _PASSWORD = "DAYTONA_GIT_USERNAME", "DAYTONA_GIT_PASSWORD"
_HELPER = f"""!f() {{ test "$1" = get && printf 'username=%s\\npassword=%s\\n' "${_USER}" "${_PASSWORD}"; }}; f"""
_IN_URL = re.compile(r"(?<=://)[^/@\s]*@")
_ODD_IN_NAMES = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|^[-/]|/$|\.lock$|^$")

REFUSALS: tuple[tuple[int, str | None, tuple[str, ...]], ...] = (
    (
        401,
        "GIT_AUTH_FAILED",
        (
            "authentication failed",
            "could not read username",
            "could not read password",
            "terminal prompts disabled",
            "invalid username or password",
            "permission denied (",
        ),
    ),
    (403, "GIT_AUTH_FAILED", ("requested url returned error: 403",)),
    (
        404,
        "GIT_REPO_NOT_FOUND",
        (
            "not a git repository",
            "does not appear to be a git repository",
            "repository not found",
            "/' not found",
            "does not exist\n",
            "requested url returned error: 404",
            "can only be used inside a git repository",
            "no such remote",
        ),
    ),
    (422, "GIT_REMOTE_REJECTED", ("[remote rejected]", "hook declined", "protected branch")),
    (409, "GIT_PUSH_REJECTED", ("non-fast-forward", "fetch first", "updates were rejected", "stale info")),
    (
        409,
        "GIT_MERGE_CONFLICT",
        ("conflict (", "automatic merge failed", "unmerged files", "needs merge", "unresolved conflict", "merge_head"),
    ),
    (409, "GIT_DIRTY_WORKTREE", ("would be overwritten", "commit your changes or stash them", "not uptodate")),
    (409, "GIT_BRANCH_EXISTS", ("a branch named",)),
    (409, None, ("already exists",)),
    (502, "GIT_TRANSPORT_FAILED", ("unable to access", "could not read from remote", "unable to connect", "hung up")),
    (
        404,
        "GIT_BRANCH_NOT_FOUND",
        (
            "invalid reference",
            "a branch is expected",
            "remote branch",
            "couldn't find remote ref",
            "src refspec",
            "not found.",
            "unknown revision",
            "not a valid object name",
            "as a valid revision",
            "does not have any commits yet",
            "could not resolve",
            "not a symbolic ref",
            "ambiguous argument",
            "bad revision",
        ),
    ),
)
"""What git says, in lower case, and what it means: the first that fits counts. Everything else is a bad request."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user name and password for one request; empty for none."""

    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    def env(self) -> dict[str, str]:
        """Return the environment in which git answers a challenge with them, and keeps them nowhere."""
        if not (self.username or self.password):
            return {}
        return {
            _USER: self.username,
            _PASSWORD: self.password,
            "GIT_CONFIG_COUNT": "2",
            "GIT_CONFIG_KEY_0": "credential.helper",
            "GIT_CONFIG_VALUE_0": "",  # forget helpers that would be asked first, or told
            "GIT_CONFIG_KEY_1": "credential.helper",
            "GIT_CONFIG_VALUE_1": _HELPER,
        }

    def redact(self, text: str) -> str:
        """Return ``text`` without them, and without what an address carries before its ``@``."""
        for word in (self.password, self.username):
            if word:
                text = text.replace(word, "***")
        return _IN_URL.sub("***@", text)


NOBODY = Credentials()


class Git:
    """The git program in one directory of a box.

    Args:
        request: whose client waits.
        box: where it runs.
        path: the repository; relative ones are below the home.
        credentials: shown to a server that asks.
    """

    def __init__(self, request: web.Request, box: Box, path: str, credentials: Credentials = NOBODY) -> None:
        self.path = posixpath.normpath(posixpath.join(box.work_dir, path))
        self._request = request
        self._box = box
        self._credentials = credentials

    async def run(
        self,
        *words: str,
        given: bytes = b"",
        env: Mapping[str, str] | None = None,
        is_outside: bool = False,
        fine: Container[int] = (0,),
    ) -> Outcome:
        """Run git and return how it ended.

        Args:
            words: its arguments.
            given: its standard input.
            env: more environment.
            is_outside: run it in the home, since ``path`` need not be there yet.
            fine: exit codes that are no refusal.

        Raises:
            ApiError: it refused; the code is the daemon's.
        """
        cwd = self._box.work_dir if is_outside else self.path
        whole = {**self._env(cwd), **(env or {})}
        order = Order(argv=["git", *words], timeout_s=TIMEOUT_S, cwd=cwd, env=whole, given=given)
        try:
            outcome = await run(self._request, self._box, order)
        except StartError as error:
            if error.stage == "cwd":
                raise daemon_error(404, f"repository does not exist: {self.path}", "GIT_REPO_NOT_FOUND") from error
            message = f"git cannot be run in this sandbox: {os.strerror(error.number).lower()}"
            raise daemon_error(400, message) from error
        if outcome.code not in fine:
            raise self._refusal(words[0], outcome)
        return outcome

    async def text(self, *words: str, fine: Container[int] = (0,)) -> str:
        """Return what git prints, without the newline at its end."""
        return (await self.run(*words, fine=fine)).output.decode("utf-8", "replace").removesuffix("\n")

    def _env(self, cwd: str) -> dict[str, str]:
        return {
            "LC_ALL": "C.UTF-8",
            "LANGUAGE": "en",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_ASKPASS": "",
            "SSH_ASKPASS": "",
            "GIT_SSH_COMMAND": "ssh -oBatchMode=yes",
            "GIT_LITERAL_PATHSPECS": "1",
            "GIT_OPTIONAL_LOCKS": "0",
            # A repository is where the client says, never somewhere above.
            "GIT_CEILING_DIRECTORIES": posixpath.dirname(cwd),
            # The system's file may be the host's own.
            "GIT_CONFIG_SYSTEM": posixpath.join(self._box.work_dir, ".gitconfig-system"),
            **self._credentials.env(),
        }

    def _refusal(self, verb: str, outcome: Outcome) -> ApiError:
        said = (outcome.error + b"\n" + outcome.output[:TAIL]).decode("utf-8", "replace")
        status, code = classify(said)
        words = self._credentials.redact(said.strip())[-TAIL:]
        return daemon_error(status, f"git {verb} exited with status {outcome.code}: {words}", code)


def classify(said: str) -> tuple[int, str | None]:
    """Return the status and the daemon's code for git's words."""
    text = said.lower()
    for status, code, signs in REFUSALS:
        if any(sign in text for sign in signs):
            return status, code
    return 400, None


def checked_name(name: str, what: str = "branch") -> str:
    """Return a name that git takes for a branch or a tag.

    Raises:
        ApiError: 400, git would not, or would take it for something else.
    """
    if _ODD_IN_NAMES.search(name) or name == "@":
        raise daemon_error(400, f"invalid {what} name: {name!r}")
    return name


def checked_word(word: str, what: str) -> str:
    """Return a revision, a remote or an address, which cannot be an option.

    Raises:
        ApiError: 400, it is empty, an option, or holds control characters.
    """
    if not word or word.startswith("-") or any(ord(letter) < 0x20 for letter in word):
        raise daemon_error(400, f"invalid {what}: {word!r}")
    return word


def credentials_of(body: Mapping[str, object], words: Sequence[str] = ("username", "password")) -> Credentials:
    """Return the credentials in a request's body.

    Raises:
        ApiError: 400, they are no text of one line.
    """
    found = [body.get(word) or "" for word in words]
    for word, value in zip(words, found, strict=True):
        if not isinstance(value, str) or any(ord(letter) < 0x20 for letter in value):
            raise daemon_error(400, f"{word} must be one line of text")
    return Credentials(*map(str, found))
