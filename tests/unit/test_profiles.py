"""Profiles: which is chosen, what it stands for, and what is wrong with it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from daytona_tui.config import paths
from daytona_tui.config.connection import DEFAULT_API_URL, Connection, Secret
from daytona_tui.config.settings import Settings, read_settings
from daytona_tui.errors import ConfigError

KEY = "dtn_0123456789abcdef0123456789abcdef"
OTHER = "dtn_fedcba9876543210fedcba9876543210"

TWO = f"""
default_profile = "work"

[profiles.work]
api_url = "https://work.example/api"
organization_id = "org-1"
api_key_env = "WORK_KEY"
accent = "red"
read_only = true

[profiles.play]
api_key = "{OTHER}"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def write(file: Path, text: str) -> Path:
    file.write_text(text)
    file.chmod(0o600)
    return file


def read(file: Path, profile: str | None = None, **environ: str) -> Settings:
    return read_settings({"WORK_KEY": KEY, **environ}, file=file, profile=profile)


def test_the_default_profile_is_the_connection(file: Path) -> None:
    settings = read(write(file, TWO))

    assert (settings.profile, settings.api_url, settings.organization_id) == (
        "work",
        "https://work.example/api",
        "org-1",
    )
    assert settings.api_key.reveal() == KEY
    assert (settings.accent, settings.why_read_only) == ("red", "read-only by profile work")
    assert settings.origin("api_key") == "profile work"


def test_a_key_in_the_environment_wins_over_the_default_profile(file: Path) -> None:
    settings = read(write(file, TWO), DAYTONA_API_KEY=OTHER)

    assert (settings.profile, settings.api_url, settings.read_only) == ("", DEFAULT_API_URL, False)


@pytest.mark.parametrize("by_variable", [True, False])
def test_a_profile_that_is_asked_for_is_taken_whole(file: Path, *, by_variable: bool) -> None:
    """A key never goes to the address of another connection."""
    surroundings = {
        "DAYTONA_API_KEY": KEY,
        "DAYTONA_API_URL": "http://env.example/api",
        "DAYTONA_TARGET": "eu",
        "DAYTONA_TUI_PROFILE": "play" if by_variable else "work",
    }

    settings = read(write(file, TWO), profile=None if by_variable else "play", **surroundings)

    assert (settings.profile, settings.api_url, settings.target) == ("play", DEFAULT_API_URL, "")
    assert settings.api_key.reveal() == OTHER


def test_no_profile_can_be_asked_for(file: Path) -> None:
    assert read(write(file, TWO), profile="").profile == ""


def test_a_typed_key_goes_where_the_profile_is(file: Path) -> None:
    settings = read_settings({}, file=write(file, TWO), profile="work", typed=Secret(OTHER))

    assert settings.connection() == Connection(
        "https://work.example/api", Secret(OTHER), organization_id="org-1", label="work"
    )


def test_a_flag_makes_any_profile_read_only(file: Path) -> None:
    settings = read_settings({}, file=write(file, TWO), profile="play", flags={"read_only": True})

    assert settings.why_read_only == "read-only by --read-only"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("profiles = 3", "profiles"),
        ("[profiles]\nwork = 3", "profiles.work"),
        ("[profiles.work]\ncolour = 1", "profiles.work.colour"),
        ("[profiles.work]\napi_url = 1", "profiles.work.api_url"),
        ('[profiles.work]\naccent = "mauve"', "red, orange"),
        ('[profiles.work]\nread_only = "yes"', "profiles.work.read_only"),
        ('[profiles."a b"]\n', "'a b'"),
        ("[profiles.local]\n", "'local'"),
        ("[profiles.daytona]\n", "'daytona'"),
        ('[profiles.work]\napi_key = "x"\nkeyring = "y"', "api_key and keyring"),
        ('profile = "work"', "belongs into a profile"),
        ("default_profile = 3", "default_profile"),
        ('keys = "x"', "keys is not a table"),
        ("prices = 1", "prices is not a table"),
        ("[prices]\ncpu = -1", "prices.cpu"),
        ("[prices]\ncpu = nan", "prices.cpu"),
        ("[prices]\nvcpu = 1", "'vcpu'"),
        ('[prices]\nas_of = "2026-01-01"', "prices.as_of"),
        ('[prices]\ngpu = { H100 = "dear" }', "H100"),
    ],
)
def test_a_mistake_names_file_and_key(file: Path, text: str, words: str) -> None:
    with pytest.raises(ConfigError) as raised:
        read(write(file, text))

    assert str(file) in raised.value.message
    assert words in raised.value.message + raised.value.hint


def test_a_key_in_the_place_of_its_name_is_not_repeated(file: Path) -> None:
    with pytest.raises(ConfigError, match=r"profiles\.work\.api_key_env") as raised:
        read(write(file, f'[profiles.work]\napi_key_env = "{KEY}"'))

    assert KEY not in raised.value.message + raised.value.hint


def test_a_key_in_a_profile_that_others_can_read_is_refused(file: Path) -> None:
    write(file, TWO).chmod(0o640)

    with pytest.raises(ConfigError, match="others may read it"):
        read(file)


@pytest.mark.parametrize(
    ("profile", "environ", "words"),
    [
        ("work", {"WORK_KEY": ""}, "WORK_KEY is not set"),
        ("none", {}, "has no key"),
        ("nowhere", {}, "no profile 'nowhere'"),
    ],
)
def test_a_profile_that_cannot_be_opened_says_why(
    file: Path, profile: str, environ: dict[str, str], words: str
) -> None:
    write(file, TWO + "\n[profiles.none]\n")

    with pytest.raises(ConfigError, match=words):
        read(file, profile=profile, **environ)


def test_the_address_of_a_profile_is_named_as_such(file: Path) -> None:
    write(file, f'[profiles.work]\napi_url = "ftp://x"\napi_key = "{KEY}"')

    with pytest.raises(ConfigError, match="api_url of profile work"):
        read(file, profile="work").connection()


def test_prices_replace_defaults_and_lose_their_date(file: Path) -> None:
    book = read(write(file, "[prices]\ncpu = 0.1\ngpu = { B300 = 9 }\n")).prices

    assert (book.cpu, book.memory, book.as_of, book.source) == (0.1, 0.0162, None, "the settings file")
    assert (book.gpu["B300"], book.gpu["H100"]) == (9, 3.95)
    assert read(write(file, "[prices]\ncpu = 0.1\nas_of = 2026-10-01\n")).prices.as_of == date(2026, 10, 1)


# The login of the daytona command


def login(text: str | dict[str, Any]) -> Path:
    path = paths.config_file().parent.parent / "daytona" / "config.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text if isinstance(text, str) else json.dumps(text))
    return path


def cli_profile(number: int, **api: Any) -> dict[str, Any]:
    return {
        "id": f"id-{number}",
        "name": f"name-{number}",
        "api": {"url": f"https://{number}.example/api", "key": None, "token": None, **api},
        "activeOrganizationId": f"org-{number}",
    }


def test_the_login_of_the_daytona_command_is_a_profile(file: Path) -> None:
    token = {"accessToken": "jwt.0123456789", "refreshToken": "r", "expiresAt": "2999-01-01T00:00:00.123456789Z"}
    login({"activeProfile": "id-2", "profiles": [cli_profile(1, key=KEY), cli_profile(2, token=token)]})

    settings = read(file, profile="daytona")

    assert [profile.name for profile in settings.profiles] == ["daytona", "daytona/name-1"]
    assert (settings.api_url, settings.organization_id) == ("https://2.example/api", "org-2")
    assert settings.connection().bearer.reveal() == "jwt.0123456789"
    assert read(file, profile="daytona/name-1").api_key.reveal() == KEY


def test_a_login_that_has_expired_says_how_to_renew_it(file: Path) -> None:
    token = {"accessToken": "jwt", "expiresAt": "2020-01-01T00:00:00Z"}
    login({"activeProfile": "id-1", "profiles": [cli_profile(1, token=token)]})

    with pytest.raises(ConfigError, match="expired") as raised:
        read(file, profile="daytona")

    assert "daytona" in raised.value.hint


def test_the_login_in_use_is_the_connection_where_nothing_else_is_said(file: Path) -> None:
    login({"activeProfile": "id-1", "profiles": [cli_profile(1, key=KEY)]})

    assert read(file).profile == "daytona"
    assert read(file, profile="").profile == ""
    assert read(file, DAYTONA_API_KEY="dtn_x").profile == ""
    assert read(write(file, TWO)).profile == "work"
    assert read(write(file, 'api_key = "dtn_own"\n')).api_key.reveal() == "dtn_own"


def test_a_login_that_was_ended_is_no_connection_and_one_that_has_expired_is_named(file: Path) -> None:
    login({"activeProfile": "id-1", "profiles": [cli_profile(1)]})
    assert read(file).profile == ""

    token = {"accessToken": "jwt", "expiresAt": "2020-01-01T00:00:00Z"}
    login({"activeProfile": "id-1", "profiles": [cli_profile(1, token=token)]})
    with pytest.raises(ConfigError, match="the login of profile daytona has expired") as raised:
        read(file)
    assert raised.value.code == "expired_login"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no json",
        "[]",
        '{"profiles": {}}',
        '{"profiles": [3]}',
        '{"profiles": [{"id": 3}]}',
        '{"profiles": [{"id": "a", "api": {"url": 3}}]}',
        '{"profiles": [{"id": "a", "api": {"token": "x"}}]}',
        "[" * 100_000,
    ],
)
def test_a_login_that_cannot_be_read_stops_nothing_but_itself(file: Path, text: str) -> None:
    path = login(text)

    settings = read(write(file, TWO))

    assert settings.profile == "work"
    assert str(path) in settings.login_trouble
    with pytest.raises(ConfigError, match=r"config\.json"):
        read(file, profile="daytona")


def test_an_empty_login_is_no_profile(file: Path) -> None:
    login({"activeProfile": "", "profiles": None})

    assert read(file).profiles == ()
    assert read(file).login_trouble == ""


def test_the_directory_of_the_daytona_command_can_be_elsewhere(file: Path, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"activeProfile": "id-1", "profiles": [cli_profile(1, key=KEY)]}))

    assert [profile.name for profile in read(file, DAYTONA_CONFIG_DIR=str(tmp_path)).profiles] == ["daytona"]


# Names for files


def test_connections_have_names_of_their_own_for_files() -> None:
    one = Connection("https://a.example/api", Secret(KEY))
    names = {
        one.profile_id(),
        Connection("https://a.example/api", Secret(OTHER)).profile_id(),
        Connection("https://b.example/api", Secret(KEY)).profile_id(),
        Connection("https://a.example/api", Secret(KEY), organization_id="o").profile_id(),
        one.profile_id("work"),
    }

    assert len(names) == 5
    assert one.profile_id() == Connection("https://a.example/api", Secret(KEY)).profile_id()
    assert not any(KEY[4:12] in name for name in names)


def test_a_named_profile_keeps_its_files_when_its_key_changes() -> None:
    url = "https://a.example/api"

    assert Connection(url, Secret(KEY)).profile_id("work") == Connection(url, Secret(OTHER)).profile_id("work")


@pytest.mark.parametrize("name", ["daytona/../../etc", "..", "a\x00b", "é" * 300, "/"])
def test_any_name_is_safe_for_a_file(name: str, tmp_path: Path) -> None:
    profile_id = Connection("https://a.example/api", Secret(KEY)).profile_id(name)

    (tmp_path / profile_id).mkdir()
    assert [child.name for child in tmp_path.iterdir()] == [profile_id]
