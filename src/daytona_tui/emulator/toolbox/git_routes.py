"""The git routes: every one runs the ``git`` program inside the sandbox.

The daemon does some of this with a library of its own; where the program is kinder (it keeps local changes over a
checkout that does not touch them, it merges on a pull) its way was taken.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from aiohttp import web

from daytona_tui.emulator.body.box import Box
from daytona_tui.emulator.envelope import ApiError, daemon_error
from daytona_tui.emulator.toolbox.git_run import Git, checked_name, checked_word, credentials_of
from daytona_tui.emulator.toolbox.git_status import ARGUMENTS, ENV, parse_status
from daytona_tui.emulator.toolbox.requests import Resolve, json_body, query_path, routes_with, text_field

SCOPES = ("global", "local", "system")
MODES = ("soft", "mixed", "hard", "merge", "keep")
_HASH = re.compile(r"[0-9a-fA-F]{4,64}")
_HISTORY = "%H%x00%an%x00%ae%x00%aI%x00%B"


def git_routes(resolve: Resolve) -> list[web.RouteDef]:
    """Return the routes of git."""
    route = routes_with(resolve)
    return [
        route(web.post, "/git/clone", clone),
        route(web.post, "/git/init", init),
        route(web.get, "/git/status", status),
        route(web.get, "/git/history", history),
        route(web.get, "/git/branches", branches),
        route(web.post, "/git/branches", create_branch),
        route(web.delete, "/git/branches", delete_branch),
        route(web.post, "/git/checkout", checkout),
        route(web.post, "/git/add", add),
        route(web.post, "/git/commit", commit),
        route(web.post, "/git/reset", reset),
        route(web.post, "/git/restore", restore),
        route(web.post, "/git/push", push),
        route(web.post, "/git/pull", pull),
        route(web.get, "/git/remotes", remotes),
        route(web.post, "/git/remotes", add_remote),
        route(web.get, "/git/config", get_config),
        route(web.post, "/git/config", set_config),
        route(web.post, "/git/config/user", configure_user),
        route(web.post, "/git/credentials", authenticate),
    ]


async def _body(request: web.Request, box: Box) -> tuple[dict[str, Any], Git]:
    """Return a request's body and git in the directory that it names."""
    body = await json_body(request)
    path = text_field(body, "path", required=True)
    return body, Git(request, box, path, credentials_of(body))


def _flag(body: dict[str, Any], name: str) -> bool | None:
    value = body.get(name)
    if value is not None and not isinstance(value, bool):
        raise daemon_error(400, f"{name} must be true or false")
    return value


def _files(body: dict[str, Any], *, required: bool = True) -> list[str]:
    files = body.get("files") or []
    if not isinstance(files, list) or not all(isinstance(name, str) and name for name in files):
        raise daemon_error(400, "files must be a list of file names")
    if required and not files:
        raise daemon_error(400, "at least one path is required")
    return files


def _depth(body: dict[str, Any]) -> list[str]:
    depth = body.get("depth") or 0
    if not isinstance(depth, int) or isinstance(depth, bool) or depth < 0:
        raise daemon_error(400, "depth must be a number of commits")
    return [f"--depth={depth}"] if depth else []


async def clone(request: web.Request, box: Box) -> web.Response:
    """Clone a repository: a branch or a commit of it if one is named, perhaps only its latest commits."""
    body, git = await _body(request, box)
    url = checked_word(text_field(body, "url", required=True), "url")
    branch, commit_id, depth = text_field(body, "branch"), text_field(body, "commit_id"), _depth(body)
    if commit_id and not _HASH.fullmatch(commit_id):
        raise daemon_error(400, f"invalid commit: {commit_id!r}")
    named = [f"--branch={checked_name(branch)}"] if branch else []
    env = {"GIT_SSL_NO_VERIFY": "1"} if _flag(body, "insecure_skip_tls") else {}
    await git.run("clone", "--quiet", *depth, *named, "--", url, git.path, env=env, is_outside=True)
    if commit_id:
        if depth:  # it may lie deeper than what was fetched
            await git.run("fetch", "--quiet", *depth, "--", "origin", commit_id, env=env, fine=range(256))
        await git.run("checkout", "--quiet", "--detach", commit_id, "--")
    return web.Response()


async def init(request: web.Request, box: Box) -> web.Response:
    """Make a new repository."""
    body, git = await _body(request, box)
    words = ["--bare"] if _flag(body, "bare") else []
    if branch := text_field(body, "initial_branch"):
        words.append(f"--initial-branch={checked_name(branch)}")
    await git.run("init", "--quiet", *words, "--", git.path, is_outside=True)
    return web.Response(status=201)


async def status(request: web.Request, box: Box) -> web.Response:
    """Answer the branch, how far it is from its upstream, and every file that differs."""
    outcome = await Git(request, box, query_path(request)).run(*ARGUMENTS, env=ENV)
    return web.json_response(parse_status(outcome.output))


async def history(request: web.Request, box: Box) -> web.Response:
    """Answer the commits that HEAD is made of, the latest first."""
    git = Git(request, box, query_path(request))
    words = ("log", "-z", "--no-color", "--no-show-signature", "--encoding=UTF-8", f"--format={_HISTORY}")
    fields = (await git.run(*words)).output.decode("utf-8", "replace").split("\0")
    names = ("hash", "author", "email", "timestamp", "message")
    commits = [dict(zip(names, fields[at : at + 5], strict=True)) for at in range(0, len(fields) - 4, 5)]
    return web.json_response(commits)


async def branches(request: web.Request, box: Box) -> web.Response:
    """Answer the local branches, and which one is checked out."""
    git = Git(request, box, query_path(request))
    names = (await git.text("for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads")).splitlines()
    current = await git.text("symbolic-ref", "--quiet", "--short", "HEAD", fine=(0, 1))
    return web.json_response({"branches": names, **({"current": current} if current else {})})


async def create_branch(request: web.Request, box: Box) -> web.Response:
    """Create a branch at HEAD and, as the daemon does, check it out."""
    body, git = await _body(request, box)
    await git.run("switch", "--quiet", "--create", checked_name(text_field(body, "name", required=True)))
    return web.Response(status=201)


async def delete_branch(request: web.Request, box: Box) -> web.Response:
    """Delete a branch, merged or not."""
    body, git = await _body(request, box)
    await git.run("branch", "--quiet", "-D", "--", checked_name(text_field(body, "name", required=True)))
    return web.Response(status=204)


async def checkout(request: web.Request, box: Box) -> web.Response:
    """Check out a branch, or a commit by its hash."""
    body, git = await _body(request, box)
    name = checked_name(text_field(body, "branch", required=True))
    try:
        await git.run("switch", "--quiet", "--no-guess", name)
    except ApiError as error:
        if error.code != "GIT_BRANCH_NOT_FOUND" or not _HASH.fullmatch(name):
            raise
        await git.run("switch", "--quiet", "--detach", name)
    return web.Response()


async def add(request: web.Request, box: Box) -> web.Response:
    """Stage files as they are now, also those that are gone; ``.`` stands for everything."""
    body, git = await _body(request, box)
    await git.run("add", "--all", "--", *_files(body))
    return web.Response()


async def commit(request: web.Request, box: Box) -> web.Response:
    """Commit what is staged and answer the hash."""
    body, git = await _body(request, box)
    author, email = (checked_word(text_field(body, name, required=True), name) for name in ("author", "email"))
    message = text_field(body, "message", required=True).encode("utf-8", "replace")
    person = {"NAME": author, "EMAIL": email}
    people = {f"GIT_{who}_{what}": person[what] for who in ("AUTHOR", "COMMITTER") for what in person}
    words = ["--allow-empty"] if _flag(body, "allow_empty") else []
    options = ("--quiet", "--no-verify", "--cleanup=verbatim", "--file=-", *words)
    await git.run("commit", *options, given=message, env=people)
    return web.json_response({"hash": await git.text("rev-parse", "HEAD")})


async def reset(request: web.Request, box: Box) -> web.Response:
    """Move HEAD to a revision in one of git's five ways, or unstage single files."""
    body, git = await _body(request, box)
    mode, files = text_field(body, "mode") or "mixed", _files(body, required=False)
    if mode not in MODES:
        raise daemon_error(400, f"unsupported reset mode {mode!r} (supported: {', '.join(MODES)})")
    if files and mode != "mixed":
        raise daemon_error(400, "only a mixed reset can be constrained to paths")
    target = checked_word(text_field(body, "target") or "HEAD", "target")
    await git.run("reset", "--quiet", *([] if files else [f"--{mode}"]), target, "--", *files)
    return web.Response()


async def restore(request: web.Request, box: Box) -> web.Response:
    """Restore files in the working tree, in the index, or in both."""
    body, git = await _body(request, box)
    staged, worktree = _flag(body, "staged"), _flag(body, "worktree")
    if staged is None and worktree is None:
        worktree = True
    if not staged and not worktree:
        raise daemon_error(400, "at least one of staged or worktree must be true")
    source = text_field(body, "source")
    words = [
        *(["--staged"] if staged else []),
        *(["--worktree"] if worktree else []),
        *([f"--source={checked_word(source, 'source')}"] if source else []),
    ]
    await git.run("restore", "--quiet", *words, "--", *_files(body))
    return web.Response()


async def _current(git: Git) -> str:
    """Return the branch that is checked out; raises ApiError 404 when none is."""
    branch = await git.text("symbolic-ref", "--quiet", "--short", "HEAD", fine=(0, 1))
    if not branch:
        raise daemon_error(404, "you are not currently on a branch", "GIT_BRANCH_NOT_FOUND")
    return branch


async def push(request: web.Request, box: Box) -> web.Response:
    """Push a branch, the current one unless another is named."""
    body, git = await _body(request, box)
    remote = checked_word(text_field(body, "remote") or "origin", "remote")
    named = text_field(body, "branch")
    branch = f"refs/heads/{checked_name(named) if named else await _current(git)}"
    words = ["--set-upstream"] if _flag(body, "set_upstream") else []
    await git.run("push", "--quiet", *words, "--", remote, f"{branch}:{branch}")
    return web.Response()


async def pull(request: web.Request, box: Box) -> web.Response:
    """Fetch a branch and merge it: the upstream of the current one unless another is named."""
    body, git = await _body(request, box)
    remote, branch = text_field(body, "remote"), text_field(body, "branch")
    source: Sequence[str] = ()
    if branch:
        source = [checked_word(remote or "origin", "remote"), f"refs/heads/{checked_name(branch)}"]
    elif remote or not await git.text("config", "--get", f"branch.{await _current(git)}.merge", fine=(0, 1)):
        source = [checked_word(remote or "origin", "remote"), f"refs/heads/{await _current(git)}"]
    await git.run("pull", "--quiet", "--no-rebase", "--no-edit", "--", *source)
    return web.Response()


async def remotes(request: web.Request, box: Box) -> web.Response:
    """Answer the remotes and their addresses, without the passwords in them."""
    git = Git(request, box, query_path(request))
    printed = await git.text("config", "--local", "-z", "--get-regexp", r"^remote\..*\.url$", fine=(0, 1))
    found: dict[str, str] = {}
    for entry in filter(None, printed.split("\0")):
        key, _, url = entry.partition("\n")
        found.setdefault(key.removeprefix("remote.").removesuffix(".url"), url)
    shown = [{"name": name, "url": re.sub(r"(://[^/@:]*):[^/@]*@", r"\1@", url)} for name, url in found.items()]
    return web.json_response({"remotes": shown})


async def add_remote(request: web.Request, box: Box) -> web.Response:
    """Add a remote, or put it in the place of another, and fetch from it if asked to."""
    body, git = await _body(request, box)
    name = checked_name(text_field(body, "name", required=True), "remote")
    url = checked_word(text_field(body, "url", required=True), "url")
    if _flag(body, "overwrite") and name in (await git.text("remote")).splitlines():
        await git.run("remote", "remove", "--", name)
    await git.run("remote", "add", "--", name, url)
    if _flag(body, "fetch"):
        await git.run("fetch", "--quiet", "--", name)
    return web.Response(status=201)


def _setting(request: web.Request, box: Box, values: dict[str, Any]) -> tuple[Git, str, bool]:
    """Return git, the option of a scope, and whether it needs no repository."""
    scope, path = text_field(values, "scope") or "global", text_field(values, "path")
    if scope not in SCOPES:
        raise daemon_error(400, f"unsupported config scope {scope!r} (supported: {', '.join(SCOPES)})")
    if scope == "local" and not path:
        raise daemon_error(400, "local config scope requires a repository path")
    return Git(request, box, path), f"--{scope}", scope != "local"


def _key(values: dict[str, Any]) -> str:
    key = text_field(values, "key", required=True)
    section, _, name = key.rpartition(".")
    if not section.split(".")[0] or not name or "\n" in key:
        raise daemon_error(400, f"invalid config key {key!r} (expected section.name or section.subsection.name)")
    return key


async def get_config(request: web.Request, box: Box) -> web.Response:
    """Answer a setting; null when it is not set."""
    values = dict(request.query)
    git, scope, is_outside = _setting(request, box, values)
    words = ("config", scope, "-z", "--get", "--", _key(values))
    outcome = await git.run(*words, is_outside=is_outside, fine=(0, 1))
    value = outcome.output.decode("utf-8", "replace").removesuffix("\0") if outcome.code == 0 else None
    return web.json_response({"value": value})


async def _set(git: Git, scope: str, key: str, value: str, *, is_outside: bool) -> None:
    await git.run("config", scope, "--replace-all", "--", key, value, is_outside=is_outside)


async def set_config(request: web.Request, box: Box) -> web.Response:
    """Change a setting."""
    body = await json_body(request)
    git, scope, is_outside = _setting(request, box, body)
    await _set(git, scope, _key(body), text_field(body, "value"), is_outside=is_outside)
    return web.Response()


async def configure_user(request: web.Request, box: Box) -> web.Response:
    """Set the name and address under which commits are made."""
    body = await json_body(request)
    git, scope, is_outside = _setting(request, box, body)
    name, email = (text_field(body, word, required=True) for word in ("name", "email"))
    await _set(git, scope, "user.name", name, is_outside=is_outside)
    await _set(git, scope, "user.email", email, is_outside=is_outside)
    return web.Response()


async def authenticate(request: web.Request, box: Box) -> web.Response:
    """Keep credentials for a host in the sandbox's own store, in plain text as the route's name warns."""
    body = await json_body(request)
    username, password = (text_field(body, name, required=True) for name in ("username", "password"))
    git = Git(request, box, "", credentials_of(body))
    host, protocol = text_field(body, "host") or "github.com", text_field(body, "protocol") or "https"
    for value, what in ((host, "host"), (protocol, "protocol")):
        checked_word(value, what)
    given = f"protocol={protocol}\nhost={host}\nusername={username}\npassword={password}\n\n"
    await _set(git, "--global", "credential.helper", "store", is_outside=True)
    stored = {"GIT_CONFIG_COUNT": "0"}  # without the helper that keeps nothing
    await git.run("credential", "approve", given=given.encode(), env=stored, is_outside=True)
    return web.Response()
