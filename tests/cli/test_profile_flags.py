"""``--profile``, ``--read-only`` and what ``doctor`` says of profiles, keys and prices."""

from __future__ import annotations

import json

import pytest
from tests.cli.conftest import Run

from daytona_tui.config import paths
from daytona_tui.emulator.server import Emulator

OTHER_KEY = "dtn_other_0123456789abcdef"


@pytest.fixture(autouse=True)
def _config(emulator: Emulator) -> None:
    file = paths.config_file()
    file.parent.mkdir(parents=True)
    file.write_text(
        f'[profiles.here]\napi_url = "{emulator.api_url}"\napi_key = "{emulator.api_key}"\n'
        f'[profiles.safe]\napi_url = "{emulator.api_url}"\napi_key = "{emulator.api_key}"\nread_only = true\n'
        'accent = "red"\n'
        f'[profiles.away]\napi_url = "http://127.0.0.1:9/api"\napi_key = "{OTHER_KEY}"\n'
        '[profiles.variable]\napi_key_env = "NOWHERE_KEY"\n'
        "[profiles.ring]\nkeyring = true\n"
        '[keys]\nstop = "q"\nnonsense = "f5"\ncopy-id = "f6"\n'
        "[prices]\ncpu = 0.07\nas_of = 2026-10-01\n"
    )
    file.chmod(0o600)


NONE = {"DAYTONA_API_KEY": "", "DAYTONA_API_URL": ""}


@pytest.mark.parametrize(
    "words", [["--profile", "here", "list"], ["list", "--profile", "here"], ["list", "--profile=here"]]
)
async def test_a_profile_is_chosen_before_or_after_the_subcommand(run: Run, words: list[str]) -> None:
    outcome = await run(*words, "--json", **NONE)

    assert (outcome.code, outcome.err) == (0, "")
    assert "scratch" in {row["name"] for row in json.loads(outcome.out)}


async def test_a_profile_is_chosen_by_a_variable_and_a_flag_wins(run: Run) -> None:
    assert (await run("list", **NONE, DAYTONA_TUI_PROFILE="here")).code == 0
    assert (await run("list", "--profile", "away", DAYTONA_TUI_PROFILE="here")).code == 3


async def test_an_asked_for_profile_beats_the_key_of_the_environment(run: Run, emulator: Emulator) -> None:
    outcome = await run("list", "--profile", "away")

    assert outcome.code == 3
    assert "127.0.0.1:9" in outcome.err
    assert OTHER_KEY not in outcome.err


@pytest.mark.parametrize(
    ("name", "words"), [("nowhere", "no profile 'nowhere'"), ("variable", "NOWHERE_KEY is not set")]
)
async def test_a_profile_that_cannot_be_used_is_explained(run: Run, name: str, words: str) -> None:
    outcome = await run("list", "--profile", name)

    assert (outcome.code, outcome.out) == (2, b"")
    assert words in outcome.err


async def test_a_system_without_a_keyring_is_explained(run: Run) -> None:
    outcome = await run("list", "--profile", "ring", PYTHON_KEYRING_BACKEND="keyring.backends.fail.Keyring")

    assert outcome.code == 2
    assert "no keyring" in outcome.err


@pytest.mark.parametrize("words", [["--read-only", "exec"], ["exec", "--read-only"], ["--profile", "safe", "exec"]])
async def test_nothing_is_run_where_only_reading_is_allowed(run: Run, words: list[str]) -> None:
    outcome = await run(*words, "scratch", "--", "touch", "made-by-us")

    assert (outcome.code, outcome.out) == (2, b"")
    assert "read-only" in outcome.err
    assert b"made-by-us" not in (await run("exec", "scratch", "--", "ls")).out


async def test_looking_is_allowed_where_only_reading_is(run: Run) -> None:
    assert (await run("list", "--read-only")).code == 0


async def test_doctor_shows_profiles_keys_and_prices_and_no_secret(run: Run, emulator: Emulator) -> None:
    outcome = await run("doctor", "--profile", "safe", **NONE)

    text = outcome.out.decode()
    assert (outcome.code, outcome.err) == (0, "")
    lines = text.splitlines()
    assert any(
        line.split()[:1] == ["safe"] and "read-only" in line and "red" in line and line.endswith("*") for line in lines
    )
    assert any("away" in line and "http://127.0.0.1:9/api" in line for line in lines)
    assert any("ring" in line and "keyring" in line for line in lines)
    assert any("NOWHERE_KEY" in line for line in lines)
    assert "keys.stop: q is the key of quit too; stop keeps x" in text
    assert "keys.nonsense: there is no such command" in text
    assert "the settings file, 2026-10-01" in text
    assert "vCPU $0.07" in text
    assert "estimate" in text
    assert emulator.api_key not in text
    assert OTHER_KEY not in text


async def test_doctor_says_what_is_wrong_with_the_login_of_the_daytona_command(run: Run) -> None:
    login = paths.config_file().parent.parent / "daytona" / "config.json"
    login.parent.mkdir()
    login.write_text("{")

    outcome = await run("doctor")

    assert outcome.code == 0
    assert f"{login} is not JSON" in outcome.out.decode()
