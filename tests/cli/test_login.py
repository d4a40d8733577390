"""``login`` and ``logout``: a key is tried before it is kept, is never an argument, and is in use from then on."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from tests.cli.conftest import Run, finish, start

from daytona_tui.config.kept_logins import logins_file
from daytona_tui.emulator.server import Emulator

WRONG = "dtn_wrong_0123456789abcdef0123456789"


async def test_a_good_key_is_kept_used_and_forgotten(run: Run, emulator: Emulator, tmp_path: Path) -> None:
    kept = await run(
        "login", "--key-env", "MY_KEY", "--profile", "work", "--keep", "file", "--json",
        MY_KEY=emulator.api_key, DAYTONA_API_KEY="",
    )  # fmt: skip
    told = json.loads(kept.out)
    assert (kept.code, told["profile"], told["kept_in"], told["api_url"]) == (0, "work", "file", emulator.api_url)
    assert str(logins_file()) in told["where"]

    listed = await run("list", "--json", DAYTONA_API_KEY="", DAYTONA_API_URL="")
    assert len(json.loads(listed.out)) == len(emulator.fleet.records)

    looked = await run("doctor", DAYTONA_API_KEY="", DAYTONA_API_URL="")
    assert "from profile work" in looked.out.decode()

    gone = await run("logout", DAYTONA_API_KEY="")
    assert (gone.code, gone.out.decode()) == (0, "forgotten: work, kept in the file\n")
    assert (await run("logout", "--json", DAYTONA_API_KEY="")).code == 5
    assert (await run("list", DAYTONA_API_KEY="")).code == 2
    assert emulator.api_key not in "".join(each.out.decode() + each.err for each in (kept, listed, looked, gone))


async def test_a_key_from_standard_input_is_tried_before_it_is_kept(
    env: dict[str, str], emulator: Emulator, tmp_path: Path
) -> None:
    for key, code, words in ((emulator.api_key, 0, "is good"), (WRONG, 4, "refuse"), ("", 2, "no key was given"),
                             ("a key", 2, "characters that no key has")):  # fmt: skip
        logins_file().unlink(missing_ok=True)
        process = await start(
            "login", "--key-stdin", "--keep", "file", cwd=tmp_path, env=env, stdin=asyncio.subprocess.PIPE
        )
        assert process.stdin is not None
        process.stdin.write(f"{key}\n".encode())
        outcome = await finish(process)
        said = outcome.out.decode() + outcome.err
        assert (outcome.code, logins_file().exists()) == (code, code == 0), said
        assert words in said
        assert not key or key == "a key" or key not in said


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--key-env", "NOT_THERE"), 2, "NOT_THERE is not set"),
        (("--key-env", "KEY", "--key-stdin"), 2, "not allowed with"),
        ((), 2, "no terminal"),
        (("--key-env", "KEY", "--profile", "local"), 2, "a name is made of"),
        (("--key-env", "KEY", "--url", "daytona"), 2, "not an http(s) address"),
        (("--key-env", "KEY", "--url", "http://127.0.0.1:1/api"), 3, "127.0.0.1"),
        (("--key-env", "KEY", "--keep", "cloud"), 2, "cloud"),
    ],
)
async def test_what_cannot_be_done_says_why_and_keeps_nothing(
    run: Run, words: tuple[str, ...], code: int, said: str
) -> None:
    outcome = await run("login", *words, KEY=WRONG, NO_COLOR="1")

    assert outcome.code == code
    assert said in " ".join(outcome.err.split())
    assert WRONG not in outcome.out.decode() + outcome.err
    assert not logins_file().exists()


async def test_logins_at_the_same_moment_are_all_kept(run: Run, emulator: Emulator) -> None:
    names = [f"work-{number}" for number in range(4)]
    words = ("login", "--key-env", "MY_KEY", "--keep", "file", "--profile")
    outcomes = await asyncio.gather(*(run(*words, name, MY_KEY=emulator.api_key) for name in names))

    assert [outcome.code for outcome in outcomes] == [0] * 4
    assert sorted(json.loads(logins_file().read_text())["logins"]) == names
