"""Looking whether a sandbox is safe to delete, through the gateway, at real repositories and programs."""

from __future__ import annotations

import asyncio
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from tests.operations.conftest import Bench

from daytona_tui.domain.safety import Light, SafetyLine, SafetyReport
from daytona_tui.domain.sandbox import SandboxState
from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.errors import NotFoundError
from daytona_tui.operations.safety import inspect


async def look(bench: Bench) -> SafetyReport:
    return await inspect(bench.gateway, bench.sandbox, lambda: datetime.now(UTC))


def line(report: SafetyReport, code: str) -> SafetyLine:
    found = [each for each in report.lines if each.code == code]
    assert len(found) == 1, f"{code}: {[each.text for each in report.lines]}"
    return found[0]


def codes(report: SafetyReport) -> list[str]:
    return [each.code for each in report.lines]


async def sh(bench: Bench, script: str) -> str:
    outcome = await bench.gateway.run(bench.sandbox.id, script)
    assert outcome.exit_code == 0, outcome.output
    return outcome.output


async def repository(bench: Bench, name: str = "app", *, is_pushed: bool = True) -> None:
    """Make a repository with one commit, pushed to another machine as far as it knows, or to nowhere."""
    await sh(
        bench,
        f"git init -q -b main {name} && cd {name} && git config user.email a@b && git config user.name a"
        " && echo one > one && git add . && git commit -qm one",
    )
    if is_pushed:
        remote = f"{bench.work_dir}/.cache/{name}.git"
        await sh(
            bench,
            f"git init -q --bare {remote} && cd {name} && git remote add origin {remote}"
            " && git push -q -u origin main && git remote set-url origin https://git.invalid/app.git",
        )


async def tell(bench: Bench, method: str, path: str, body: dict[str, Any]) -> None:
    """Ask the toolbox for something that the gateway has no word for."""
    url = f"{bench.emulator.api_url.removesuffix('/api')}/toolbox/{bench.sandbox.id}/{path}"
    headers = {"Authorization": f"Bearer {bench.emulator.api_key}"}
    async with aiohttp.ClientSession(headers=headers) as http, http.request(method, url, json=body) as answer:
        assert answer.status < 300, await answer.text()


def make_old(path: Path) -> None:
    """Date a file back to before the sandbox."""
    os.utime(path, (1_000_000_000, 1_000_000_000))


async def test_an_empty_sandbox_is_safe_and_looking_is_no_activity(bench: Bench) -> None:
    before = (await bench.gateway.get(bench.sandbox.id)).last_activity_at

    report = await look(bench)

    assert report.light is Light.SAFE, report.lines
    assert not report.has_something_to_rescue
    assert (await bench.gateway.get(bench.sandbox.id)).last_activity_at == before


async def test_what_is_committed_and_pushed_is_safe(bench: Bench) -> None:
    await repository(bench)

    report = await look(bench)

    assert report.light is Light.SAFE, report.lines
    assert [each.path for each in report.findings.repositories] == [f"{bench.work_dir}/app"]


async def test_changes_commits_and_stashes_would_be_lost(bench: Bench) -> None:
    await repository(bench)
    await sh(bench, "cd app && echo stashed > one && git stash -q && git commit -q --allow-empty -m two"
                    " && echo more > two && echo other > one")  # fmt: skip

    report = await look(bench)

    assert report.light is Light.WOULD_LOSE
    assert set(line(report, "git.changed").items) == {"one", "two"}
    assert line(report, "git.changed").text == "2 files are not committed in app (main)"
    assert line(report, "git.unpushed").text.startswith("1 commit is not pushed")
    assert line(report, "git.stash").text.startswith("1 stash in")
    assert report.stores == (f"{bench.work_dir}/app/.git",)
    assert set(report.files) == {f"{bench.work_dir}/app/one", f"{bench.work_dir}/app/two"}


async def test_another_branch_and_a_repository_without_remote_count(bench: Bench) -> None:
    await repository(bench)
    await repository(bench, "alone", is_pushed=False)
    await sh(bench, "cd app && git switch -q -c side && git commit -q --allow-empty -m side && git switch -q main")

    report = await look(bench)

    texts = [each.text for each in report.lines if each.code == "git.unpushed"]
    assert sorted(texts) == [
        "1 commit is not pushed in alone (main)",
        "1 commit is not pushed in app (main)",
    ]


@pytest.mark.parametrize("url", ["/home/daytona/.cache/app.git", "file:///srv/app.git", "../app.git", "app.git"])
async def test_what_was_pushed_within_the_sandbox_alone_was_not_pushed(bench: Bench, url: str) -> None:
    await repository(bench)
    await sh(bench, f"cd app && git remote set-url origin {url}")

    report = await look(bench)

    assert line(report, "git.unpushed").text == "1 commit is not pushed in app (main)"


@pytest.mark.parametrize("url", ["git@git.invalid:me/app.git", "ssh://git.invalid/app.git", "http://git.invalid/app"])
async def test_what_was_pushed_elsewhere_is_safe(bench: Bench, url: str) -> None:
    await repository(bench)
    await sh(bench, f"cd app && git remote set-url origin {url} && git remote add here /srv/app.git")

    assert (await look(bench)).light is Light.SAFE


async def test_a_repository_in_a_repository_is_judged_by_itself(bench: Bench) -> None:
    await repository(bench)
    await repository(bench, "app/inner")

    report = await look(bench)

    assert report.light is Light.SAFE, report.lines
    assert len(report.findings.repositories) == 2


async def test_a_broken_repository_is_never_safe(bench: Bench) -> None:
    (bench.home / "app" / ".git").mkdir(parents=True)

    report = await look(bench)

    assert report.light is not Light.SAFE
    assert "git.unknown" in codes(report)


async def test_an_empty_git_directory_within_a_repository_is_not_taken_for_that(bench: Bench) -> None:
    await repository(bench)
    (bench.home / "app" / "fake" / ".git").mkdir(parents=True)

    report = await look(bench)

    assert report.light is not Light.SAFE, report.lines


SIGNED = (
    "tree %s\\nparent %s\\nauthor a <a@b> 1700000000 +0000\\ncommitter a <a@b> 1700000000 +0000\\n"
    "gpgsig -----BEGIN PGP SIGNATURE-----\\n \\n abc\\n -----END PGP SIGNATURE-----\\n\\nWIP\\n"
)


@pytest.mark.parametrize(
    "settings",
    [
        "git config core.fsmonitor $E",
        f"s=$(printf '{SIGNED}' $(git write-tree) $(git rev-parse HEAD) | git hash-object -t commit -w --stdin)"
        " && git update-ref --create-reflog -m x refs/stash $s"
        " && git config log.showSignature true && git config gpg.program $E && git config gpg.openpgp.program $E",
        "git config core.repositoryformatversion 1 && git config extensions.partialClone origin"
        " && git config remote.origin.promisor true && git config remote.origin.url ext::$E"
        " && git config protocol.ext.allow always && echo two > two && git add . && git commit -qm two"
        " && rm -f .git/objects/$(git rev-parse HEAD~1 | sed 's,^..,&/,')",
        "git config core.pager $E && git config pager.stash $E && git config diff.external $E"
        " && cp $E .git/hooks/post-index-change && cp $E .git/hooks/reference-transaction"
        " && git config core.untrackedCache true && git config alias.stash !$E",
    ],
    ids=["a monitor", "a verifier", "a missing object", "pager and hooks"],
)
async def test_looking_runs_no_program_that_a_repository_names(bench: Bench, settings: str) -> None:
    await repository(bench, is_pushed=False)
    program = bench.home / "evil"
    program.write_text(f"#!/bin/sh\ntouch {bench.work_dir}/ran\n")
    program.chmod(0o755)
    await sh(bench, f"E={bench.work_dir}/evil && cd app && {settings} && echo more >> one")
    (bench.home / "ran").unlink(missing_ok=True)

    report = await look(bench)

    assert line(report, "git.changed").light is Light.WOULD_LOSE
    assert not (bench.home / "ran").exists()


async def test_files_in_no_repository(bench: Bench) -> None:
    await repository(bench)
    used = (await bench.gateway.get(bench.sandbox.id)).last_activity_at
    assert used is not None
    for name, at in (("late.txt", used + timedelta(hours=1)), ("early.txt", used - timedelta(seconds=5))):
        (bench.home / name).write_text(name)
        os.utime(bench.home / name, (at.timestamp(), at.timestamp()))
    for name in (".bashrc", "node_modules/x/index.js", "app/ignored.bin", "old.txt"):
        (bench.home / name).parent.mkdir(parents=True, exist_ok=True)
        (bench.home / name).write_text(name)
    make_old(bench.home / "old.txt")
    (bench.home / "app" / ".git" / "info").mkdir(exist_ok=True)
    (bench.home / "app" / ".git" / "info" / "exclude").write_text("ignored.bin\n")
    os.utime(bench.home / "app/ignored.bin", (used.timestamp(), used.timestamp()))

    report = await look(bench)

    assert line(report, "files.late").items == ("late.txt",)
    assert line(report, "files.late").light is Light.WOULD_LOSE
    assert set(line(report, "files.own").items) == {"early.txt", "app/ignored.bin"}
    assert line(report, "files.own").light is Light.CAREFUL


async def test_what_was_written_first_counts_though_the_clocks_differ(bench: Bench) -> None:
    made = bench.sandbox.created_at
    assert made is not None
    (bench.home / "first.txt").write_text("x")
    os.utime(bench.home / "first.txt", ((made - timedelta(seconds=60)).timestamp(),) * 2)

    assert line(await look(bench), "files.own").items == ("first.txt",)


async def test_a_repository_of_many_files_is_looked_at_whole(bench: Bench) -> None:
    await repository(bench)
    for number in range(6_000):
        (bench.home / "app" / f"{number:0200}").touch()
    await sh(bench, "cd app && git add . && git commit -qm many && git update-ref refs/remotes/origin/main HEAD")

    assert (await look(bench)).light is Light.SAFE


async def test_hostile_names_stay_whole(bench: Bench) -> None:
    names = ("new\nline", "back\\slash", "esc\x1b[31m", 'quo\'te "two" $(touch x)', " spaces ")
    for name in names:
        (bench.home / name).write_text("x")

    report = await look(bench)

    assert {Path(each).name for each in report.files} == set(names)
    assert not (bench.home / "x").exists()


async def test_what_runs_is_told(bench: Bench) -> None:
    gateway, sandbox = bench.gateway, bench.sandbox
    await gateway.open_session(sandbox.id, "work")
    await gateway.submit(sandbox.id, "work", "sleep 300; echo done")
    await sh(bench, "nohup python3 -m http.server 8765 --bind 127.0.0.1 >/dev/null 2>&1 </dev/null & echo")
    deadline = time.monotonic() + 20
    while 8765 not in (ports := await gateway.listening_ports(sandbox.id)):
        assert time.monotonic() < deadline, ports
        await asyncio.sleep(0.05)

    report = await look(bench)

    assert line(report, "run.command").items == ("sleep 300; echo done",)
    assert line(report, "run.port").items == ("8765",)
    assert any("http.server" in item for item in line(report, "run.program").items)
    assert len(line(report, "run.program").items) == 1, line(report, "run.program").items
    assert report.light is Light.CAREFUL
    await gateway.close_session(sandbox.id, "work")


async def test_a_program_with_another_environment_is_told(bench: Bench) -> None:
    if int(await sh(bench, "echo $PPID")) > 1:
        pytest.skip("the programs of the whole machine can be seen here")
    await sh(bench, "setsid env -i tail -F somewhere >/dev/null 2>&1 </dev/null & echo")

    report = await look(bench)

    assert line(report, "run.program").items == ("tail -F somewhere",)


@pytest.mark.parametrize(
    ("state", "said"),
    [("error", "it has failed: "), ("build_failed", "its image could not be built: "), ("quantum", "quantum means: ")],
)
async def test_a_state_is_told_in_words(bench: Bench, state: str, said: str) -> None:
    bench.emulator.fleet.distort(bench.sandbox.id, {"state": state})

    assert said in line(await look(bench), "unseen").text


async def test_an_open_terminal_is_told(bench: Bench) -> None:
    await tell(bench, "POST", "process/pty", {"id": "pty-1", "cols": 80, "rows": 24})

    report = await look(bench)

    assert line(report, "run.terminal").items[0].startswith("pty-1")
    assert "run.program" not in codes(report)  # its shell only waits


async def test_a_stopped_sandbox_is_never_safe(bench: Bench) -> None:
    await bench.gateway.stop(bench.sandbox.id, timeout_s=30)

    report = await look(bench)

    assert report.light is Light.CAREFUL
    assert not report.findings.is_looked_into
    assert line(report, "unseen").text == "it is stopped: its files can only be looked at while it runs"
    assert (await bench.gateway.get(bench.sandbox.id)).state is SandboxState.STOPPED


async def test_a_sandbox_without_the_tools_is_never_safe(bench: Bench) -> None:
    await tell(bench, "POST", "env", {"set": {"PATH": "/nowhere"}})

    report = await look(bench)

    assert report.light is not Light.SAFE
    assert report.findings.unseen


async def test_one_that_is_gone_is_an_error(bench: Bench) -> None:
    await bench.gateway.delete(bench.sandbox.id, timeout_s=30)

    with pytest.raises(NotFoundError):
        await look(bench)


@pytest.mark.parametrize(
    "path",
    ["*/git/status", "*/port", "*/process/pty", "*/process/session", "*/process/execute", "*/work-dir", "*/forks"],
)
async def test_what_fails_while_looking_is_never_safe(bench: Bench, path: str) -> None:
    await repository(bench)
    bench.emulator.faults.add(FaultRule(path=path, status=500))

    report = await look(bench)

    assert report.light is not Light.SAFE, path
    assert any("could not be looked at" in each.text or "git says nothing" in each.text for each in report.lines)


async def test_repositories_below_what_is_not_searched_for_files_are_found(bench: Bench) -> None:
    await repository(bench, "node_modules/mine", is_pushed=False)

    report = await look(bench)

    assert report.light is Light.WOULD_LOSE
    assert "git.unpushed" in codes(report)


async def test_secrets_of_command_lines_are_masked(bench: Bench) -> None:
    secret = "sk-ant-REDACTED"
    await bench.gateway.open_session(bench.sandbox.id, "work")
    await bench.gateway.submit(bench.sandbox.id, "work", f"API_KEY={secret} sleep 300")
    await sh(bench, f"nohup sh -c 'sleep 299; : --token {secret}' >/dev/null 2>&1 </dev/null & echo")

    report = await look(bench)

    assert secret not in "".join("".join(each.items) for each in report.lines)
    assert "run.program" in codes(report)
    await bench.gateway.close_session(bench.sandbox.id, "work")
