"""A real git server over HTTP that asks for a password: ``git http-backend`` behind a few lines of Python."""

from __future__ import annotations

import asyncio
import base64
import os
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

USER, PASSWORD = "ann", "s3cret-ghp-0123456789"


@dataclass
class GitServer:
    """Bare repositories below ``root``, served at ``address``.

    Attributes:
        asked: the requests that came with the right password, as ``METHOD path``.
        refused: how many came without.
        is_open: no password is asked for, save for a push.
    """

    root: Path
    address: str = ""
    asked: list[str] = field(default_factory=list)
    refused: int = 0
    is_open: bool = False

    def make(self, name: str, files: dict[str, str]) -> str:
        """Make a repository with one commit and return its address."""
        bare, work = self.root / f"{name}.git", self.root / f"{name}-work"
        git(self.root, "init", "-q", "--bare", "-b", "main", str(bare))
        git(bare, "config", "http.receivepack", "true")
        git(self.root, "init", "-q", "-b", "main", str(work))
        for path, text in files.items():
            (work / path).parent.mkdir(parents=True, exist_ok=True)
            (work / path).write_text(text)
        git(work, "add", ".")
        git(work, "commit", "-q", "-m", "first")
        git(work, "remote", "add", "origin", str(bare))
        git(work, "push", "-q", "origin", "main")
        return f"{self.address}/{name}.git"

    def push(self, name: str, files: dict[str, str], message: str) -> None:
        """Add a commit to a repository, as somebody else would."""
        work = self.root / f"{name}-work"
        git(work, "pull", "-q", "origin", "main")
        for path, text in files.items():
            (work / path).write_text(text)
        git(work, "add", ".")
        git(work, "commit", "-q", "-m", message)
        git(work, "push", "-q", "origin", "main")

    def log(self, name: str, branch: str = "main") -> list[str]:
        """Return the subjects of a branch's commits, the latest first."""
        return git(self.root / f"{name}.git", "log", "--format=%s", branch).splitlines()


def git(directory: Path, *words: str, given: bytes | None = None) -> str:
    """Run git in a directory and return what it prints."""
    person = {f"GIT_{who}_{what}": "ann@x" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    env = {"PATH": os.environ["PATH"], "HOME": str(directory), "GIT_CONFIG_NOSYSTEM": "1", **person}
    done = subprocess.run(["git", *words], cwd=directory, env=env, input=given, capture_output=True, check=False)
    assert done.returncode == 0, (words, done.stderr.decode())
    return done.stdout.decode()


@asynccontextmanager
async def git_server(root: Path) -> AsyncIterator[GitServer]:
    """Serve the repositories below ``root`` until the block ends."""
    root.mkdir(parents=True, exist_ok=True)
    server = GitServer(root)
    app = web.Application(client_max_size=0)

    async def answer(request: web.Request) -> web.Response:
        return await _serve(server, request)

    app.router.add_route("*", "/{rest:.*}", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.address = "http://{}:{}".format(*runner.addresses[0][:2])
    try:
        yield server
    finally:
        await runner.cleanup()


async def _serve(server: GitServer, request: web.Request) -> web.Response:
    right = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    is_push = "receive-pack" in request.path_qs
    if request.headers.get("Authorization") == right:
        server.asked.append(f"{request.method} {request.path}")
    elif is_push or not server.is_open:
        server.refused += 1
        return web.Response(status=401, headers={"WWW-Authenticate": 'Basic realm="git"'})
    given = await request.read()
    env = {
        "PATH": os.environ["PATH"],
        "GIT_PROJECT_ROOT": str(server.root),
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": request.path,
        "QUERY_STRING": request.query_string,
        "REQUEST_METHOD": request.method,
        "CONTENT_TYPE": request.headers.get("Content-Type", ""),
        "CONTENT_LENGTH": str(len(given)),
        "HTTP_CONTENT_ENCODING": request.headers.get("Content-Encoding", ""),
        "GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
        "REMOTE_USER": USER,
    }
    printed = await _run(("git", "http-backend"), env, given)
    head, _, body = printed.partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
    status = int(headers.pop("Status", "200").split()[0])
    return web.Response(status=status, headers=headers, body=body)


async def _run(words: Sequence[str], env: dict[str, str], given: bytes) -> bytes:
    pipe = asyncio.subprocess.PIPE
    backend = await asyncio.create_subprocess_exec(*words, stdin=pipe, stdout=pipe, env=env)
    printed, _ = await backend.communicate(given)
    return printed
