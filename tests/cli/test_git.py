"""``clone`` and ``git`` as a process, with a real git server that wants a password."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.cli.conftest import Run, finish, start
from tests.cli.test_asking import terminal
from tests.conftest import OpenEmulator
from tests.support.git_server import PASSWORD, USER, GitServer, git, git_server

from daytona_tui.emulator.server import Emulator

NAME = "hermes-docs-crawl"


@pytest.fixture
async def emulator(open_emulator: OpenEmulator, tmp_path: Path) -> Emulator:
    return await open_emulator(seed="demo", state_dir=tmp_path / "emulator")


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[GitServer]:
    async with git_server(tmp_path / "served") as server:
        yield server


def home_of(emulator: Emulator, tmp_path: Path) -> Path:
    sandbox_id = next(record.id for record in emulator.fleet.records.values() if record.name == NAME)
    return next((tmp_path / "emulator").glob(f"**/{sandbox_id}/home"))


async def test_a_day_with_a_repository(emulator: Emulator, run: Run, server: GitServer, tmp_path: Path) -> None:
    address = server.make("app", {"one": "1\n", "two": "2\n"})
    refused = await run("clone", NAME, address, "--json")
    assert refused.code == 1, refused
    error = json.loads(refused.out)["error"]
    assert (error["code"], "--token-env" in error["next"]) == ("git_login", True)
    login = ("--login-user", USER, "--token-env", "MY_TOKEN")
    cloned = await run("clone", NAME, address, "work/", *login, "--json", MY_TOKEN=PASSWORD)
    assert cloned.code == 0, cloned
    told = json.loads(cloned.out)
    path = told["path"]
    assert (told["repository"], told["branch"], path.endswith("work/app")) == (address, "main", True)
    place = f"{NAME}:work/app"
    app = home_of(emulator, tmp_path) / "work" / "app"
    (app / "two").write_text("zwei\n")
    (app / "new").write_text("neu\n")

    listed = json.loads((await run("git", "repositories", NAME, "--json")).out)
    mine = next(each for each in listed if each["path"] == path)
    assert (mine["ahead"], mine["behind"], mine["is_dirty"], mine["head"]["subject"]) == (0, 0, True, "first")
    status = await run("git", "status", place)
    lines = status.out.decode().splitlines()
    assert lines == [f"{path}: main, even with origin/main", " M two", "?? new"]
    diff = (await run("git", "diff", place)).out.decode()
    assert "+zwei" in diff
    assert "+neu" in diff
    assert "neu" not in (await run("git", "diff", place, "two")).out.decode()

    told = json.loads((await run("git", "diff", place, "two", "--json")).out)
    assert (told["kind"], told["is_partial"], "+zwei" in told["text"]) == ("all", False, True)

    staged = json.loads((await run("git", "add", place, "--json")).out)
    assert {each["staged"] for each in staged["files"]} == {"modified", "added"}
    await run("git", "unstage", place)
    assert (await run("git", "commit", place, "-m", "x", "--author", "A <a@x>")).code == 1
    assert (await run("git", "commit", place, "--author", "A <a@x>")).code == 2
    assert (await run("git", "commit", place, "-m", "x", "--author", "A")).code == 2
    made = await run("git", "commit", place, "--all", "-m", "Second", "--author", "Ann <ann@x>", "--json")
    assert json.loads(made.out)["author"] == "Ann <ann@x>", made
    log = json.loads((await run("git", "log", place, "-n", "1", "--json")).out)
    assert [(each["subject"], each["email"]) for each in log] == [("Second", "ann@x")]
    assert "+neu" in (await run("git", "diff", place, "--commit", "HEAD")).out.decode()

    saved = await run("git", "patch", place, "-o", "home.patch")
    assert saved.code == 0, saved
    here = tmp_path / "here"
    git(tmp_path, "clone", "-q", str(server.root / "app.git"), str(here))
    git(here, "apply", "--check", str(tmp_path / "home.patch"))
    assert (await run("git", "patch", place)).out == (tmp_path / "home.patch").read_bytes()
    assert (await run("git", "patch", place, "-o", "home.patch")).code == 6

    pushed = await finish(
        await start("git", "push", place, "--login-user", USER, "--token-stdin", cwd=tmp_path,
                    env={"DAYTONA_API_URL": emulator.api_url, "DAYTONA_API_KEY": emulator.api_key},
                    stdin=secret_pipe())
    )  # fmt: skip
    assert pushed.code == 0, pushed
    assert server.log("app") == ["Second", "first"]
    assert "nothing to take" in (await run("git", "patch", place)).err
    server.push("app", {"three": "3\n"}, "Third")
    fetched = json.loads((await run("git", "fetch", place, *login, "--json", MY_TOKEN=PASSWORD)).out)
    assert (fetched["ahead"], fetched["behind"]) == (0, 1)
    wrong = await run("git", "fetch", place, *login, "--json", MY_TOKEN="wr0ng-word")
    assert json.loads(wrong.out)["error"]["code"] == "git_login"
    assert "wr0ng" not in f"{wrong}"
    assert (await run("git", "pull", place, *login, MY_TOKEN=PASSWORD)).code == 0
    assert (app / "three").read_text() == "3\n"
    assert (await run("git", "checkout", place, "--create", "side")).code == 0
    pushed = await run("git", "push", place, *login, MY_TOKEN=PASSWORD)
    assert "even with origin/side" in pushed.err, pushed
    git(app, "checkout", "-q", "main")
    git(app, "branch", "-qD", "side")
    assert (await run("git", "checkout", place, "side")).code == 0
    told = json.loads((await run("git", "branches", place, "--json")).out)
    assert {(each["remote"], each["name"], each["is_current"]) for each in told} == {
        (None, "main", False), (None, "side", True), ("origin", "main", False), ("origin", "side", False)
    }  # fmt: skip
    assert (await run("git", "checkout", place, "nowhere")).code == 5
    assert (await run("git", "checkout", place, "-b", "..")).code == 2
    assert (await run("git", "push", place, "--read-only")).code == 2
    # The password is nowhere: not in the sandbox, nor in anything that was kept here.
    places = (home_of(emulator, tmp_path), Path(os.environ["HOME"]))
    kept = [path for top in places for path in top.rglob("*") if path.is_file() and not path.is_symlink()]
    assert kept
    assert not [path for path in kept if PASSWORD.encode() in path.read_bytes()]


def secret_pipe() -> int:
    """Return the reading end of a pipe that has the password in it."""
    reading, writing = os.pipe()
    os.write(writing, f"{PASSWORD}\n".encode())
    os.close(writing)
    return reading


async def test_a_person_is_asked_and_the_password_is_not_shown(
    env: dict[str, str], server: GitServer, tmp_path: Path, home: Path, run: Run
) -> None:
    address = server.make("app", {"one": "1\n"})
    async with terminal("clone", NAME, address, cwd=tmp_path, env=env) as asked:
        await asked.until("User name for")
        asked.type(f"{USER}\n")
        await asked.until("(not shown)")
        asked.type(f"{PASSWORD}\n")
        assert await asked.code() == 0, asked.text
        assert PASSWORD not in asked.text
    (home / ".gitconfig").write_text(
        f'[credential "{server.address}"]\n\thelper = "!f() {{ echo username={USER}; echo password={PASSWORD}; }}; f"\n'
    )
    async with terminal("clone", NAME, address, "second", cwd=tmp_path, env=env) as asked:
        await asked.until("Which one?")
        asked.type("1\n")
        assert await asked.code() == 0, asked.text
    assert (await run("clone", NAME, address, "third", "--login", "git")).code == 0
    assert (await run("clone", NAME, address, "fourth", "--login", "none")).code == 1
    told = await run("clone", NAME, address.replace("://", f"://{USER}:{PASSWORD}@"), "fifth")
    assert (told.code, PASSWORD in f"{told}", "--token-env" in told.err) == (0, False, True)


REFUSED = [
    (("clone", NAME, "no address"), 2),
    (("clone", NAME, "ext::sh"), 2),
    (("clone", NAME, "o/r", "--depth", "0"), 2),
    (("clone", NAME, "o/r", "--token-env", "NOWHERE"), 2),
    (("clone", NAME, "o/r", "--token-env", "X", "--login", "git"), 2),
    (("clone", NAME, "o/r", "--commit", "-x"), 2),
    (("clone", "nobody", "o/r"), 5),
    (("git", "status", f"{NAME}:/nowhere"), 5),
    (("git", "log", NAME, "-n", "0"), 2),
    (("git", "nonsense"), 2),
]


async def test_what_is_refused(run: Run) -> None:
    for words, code in REFUSED:
        done = await run(*words)
        assert done.code == code, done
        assert done.err
