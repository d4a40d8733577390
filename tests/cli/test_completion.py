"""Tab in a shell: bash itself is asked, zsh and fish by what their scripts ask."""

from __future__ import annotations

import asyncio
import shlex
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.cli.conftest import COMMAND, Run

from daytona_tui.cli import completing
from daytona_tui.cli.grammar import Common
from daytona_tui.domain.sandbox import Sandbox, SandboxId, SandboxState
from daytona_tui.operations.fleet_cache import FleetCache
from daytona_tui.operations.fleet_names import FILE, kept_names
from daytona_tui.ui.panes import fleet_live

URL = "http://127.0.0.1:9/api"
NAMES = ["scratch", "scrap-book", "evil name", "$(touch x)", "a,b", "agent"]


@pytest.fixture
async def kept(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The last fleet of a connection, as the screen keeps it; nobody answers at the connection's address."""
    import click

    monkeypatch.setenv("DAYTONA_API_URL", URL)
    monkeypatch.setenv("DAYTONA_API_KEY", "dtn_0123456789abcdef0123456789abcdef")
    with click.Context(click.Command("x"), obj=Common()) as context:
        file = completing._directory(context) / FILE
    fleet = [Sandbox(SandboxId(f"{at}d0-id"), name, SandboxState.STARTED) for at, name in enumerate(NAMES)]
    await FleetCache(file).save(fleet, datetime.now(UTC))
    return file


def bash(line: str) -> list[str]:
    """What bash offers at the end of a line."""
    words = line.split(" ")
    script = f"""
        compopt() {{ local IFS=" "; echo "compopt $*" >&2; }}
        source <({shlex.quote(str(COMMAND))} completion bash)
        COMP_LINE={shlex.quote(line)} COMP_POINT={len(line)} COMP_CWORD={len(words) - 1}
        COMP_WORDS=({" ".join(map(shlex.quote, words))})
        _daytona_tui_completion {shlex.quote(str(COMMAND))}
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(["bash", "--norc", "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert "Traceback" not in done.stderr
    return [*done.stdout.split(), *(line for line in done.stderr.splitlines() if line.startswith("compopt"))]


async def test_bash_completes(kept: Path) -> None:
    def offered(line: str) -> list[str]:
        return bash(f"daytona-tui {line}")

    asked = [
        "pu",
        "list --na",
        "stop scr",
        "ls scr",
        "exec 2",
        "get ",
        "list stat",
        "list state:sta",
        "list 'state:sta",
        "push /et",
        "create --like age",
    ]
    answers = dict(zip(asked, await asyncio.gather(*(asyncio.to_thread(offered, each) for each in asked)), strict=True))

    assert answers["pu"] == ["pull", "push"]
    assert answers["list --na"] == ["--name-prefix"]
    assert sorted(answers["stop scr"]) == ["scrap-book", "scratch"]
    assert sorted(answers["ls scr"]) == ["scrap-book", "scratch"]
    assert answers["exec 2"] == ["2d0-id"], "a name that is not plain is offered by its id"
    assert sorted(answers["get "]) == ["2d0-id", "3d0-id", "4d0-id", "agent", "scrap-book", "scratch"]
    assert answers["list stat"] == ["state:", "compopt -o nospace"]
    assert "started" in answers["list state:sta"], "bash takes the line apart at colons"
    assert answers["create --like age"] == ["agent"]
    assert answers["push /et"] == ["compopt -o default"], "files are the shell's own"
    assert "state:started" in answers["list 'state:sta"], "and not within quotes"


@pytest.mark.parametrize("shell", ["zsh", "fish"])
async def test_the_other_shells_are_answered(kept: Path, monkeypatch: pytest.MonkeyPatch, shell: str) -> None:
    monkeypatch.setenv("COMP_WORDS", "daytona-tui ls scr")
    monkeypatch.setenv("COMP_CWORD", "2" if shell == "zsh" else "scr")

    told = completing.answer(f"{shell}_complete")

    assert "scratch" in told
    assert "scrap-book" in told
    assert "daytona-tui" in completing.script(shell)
    assert "%(" not in completing.script(shell)


async def test_zsh_goes_on_behind_the_key_of_a_filter() -> None:
    """With ``_describe`` and ``compadd`` that tell what they get, and a program that answers as ours does."""
    shell = shutil.which("zsh")
    if shell is None:
        pytest.skip("zsh is not installed")
    script = completing.script("zsh").replace("(( ! $+commands[daytona-tui] )) && return 1", "")
    asked = "\n".join(
        [
            "compdef() { }; words=(daytona-tui list st); CURRENT=3",
            """env() { print -rl plain 'state\\:' 'a state' plain stuck 'too long' plain k= _ plain word _ }""",
            """_describe() { print -r -- describe "$@" : ${(P)3} }""",
            """compadd() { print -r -- compadd "$@" : ${(P)@[-1]} }""",
            script,
            "_daytona_tui_completion",
        ]
    )
    told = await asyncio.to_thread(
        subprocess.run, [shell, "-f", "-c", asked], capture_output=True, text=True, timeout=30
    )

    assert told.stdout.splitlines() == [
        "describe -V unsorted told -U : stuck:too long",
        "describe -V unsorted told_open -U -S  : state\\::a state",
        "compadd -U -V unsorted -a words_alone : word",
        "compadd -U -V unsorted -S  -a words_open : k=",
    ]


async def test_nothing_is_offered_where_nothing_is_known(
    home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in (("COMP_LINE", "daytona-tui ls s"), ("DAYTONA_API_URL", "nonsense"), ("DAYTONA_API_KEY", "")):
        monkeypatch.setenv(name, value)
    assert completing.answer("bash_complete").strip() == ""
    assert completing.answer("cmd_complete") == ""

    for content in (
        b"",
        b"[]\n",
        b'{"format":"daytona-tui fleet"}\n[[1,2]]\n[{}]\n',
        b"\xff\xfe\n",
        b'{"format":"x"}\n',
    ):
        (tmp_path / "fleet").write_bytes(content)
        assert list(kept_names(tmp_path / "fleet")) == []
    assert list(kept_names(tmp_path)) == []


async def test_profiles_are_offered(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = home / "config" / "daytona-tui" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(
        '[profiles.work]\napi_key = "dtn_0123456789abcdef0123456789abcdef"\n[profiles.home]\napi_key = "dtn_1"\n'
    )
    config.chmod(0o600)
    monkeypatch.setenv("COMP_LINE", "daytona-tui list --profile wo")

    assert completing.answer("bash_complete").strip() == "plain,work"


async def test_a_shell_that_is_none_is_a_usage_mistake(run: Run) -> None:
    outcome = await run("completion", "csh")

    assert (outcome.code, outcome.out) == (2, b"")
    assert "'csh' is not one of" in outcome.err


def test_the_screen_keeps_the_fleet_where_names_are_looked_for() -> None:
    assert fleet_live.FILE == FILE
