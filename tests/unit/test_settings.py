"""Defaults ← file ← environment ← flags, and errors that name where a value came from."""

from __future__ import annotations

from pathlib import Path

import pytest

from daytona_tui.config import paths
from daytona_tui.config.connection import DEFAULT_API_URL
from daytona_tui.config.settings import read_settings
from daytona_tui.errors import ConfigError

KEY = "dtn_0123456789abcdef0123456789abcdef"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def test_without_anything_there_are_defaults(file: Path) -> None:
    settings = read_settings({}, file=file)

    assert settings.api_url == DEFAULT_API_URL
    assert settings.origin("api_url") == "default"
    assert not settings.has_credential


def test_each_layer_wins_over_the_one_before(file: Path) -> None:
    file.write_text('target = "eu"\napi_url = "http://file/api"\npoll_s = 9\n')

    settings = read_settings({"DAYTONA_API_URL": "http://env/api"}, file=file, flags={"poll_s": 2.5, "target": None})

    assert (settings.target, settings.origin("target")) == ("eu", f"file {file}")
    assert (settings.api_url, settings.origin("api_url")) == ("http://env/api", "DAYTONA_API_URL")
    assert (settings.poll_s, settings.origin("poll_s")) == (2.5, "flag")


def test_an_empty_variable_is_not_set(file: Path) -> None:
    file.write_text('target = "eu"\n')

    assert read_settings({"DAYTONA_TARGET": "  "}, file=file).target == "eu"


def test_the_file_is_found_by_custom(home: Path) -> None:
    paths.config_file().parent.mkdir(parents=True)
    paths.config_file().write_text('pull_dir = "~/pulls"\n')

    assert read_settings({}).pull_dir == home / "pulls"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("poll_s = -1", "poll_s"),
        ("poll_s = true", "poll_s"),
        ('poll_s = "often"', "poll_s"),
        ("target = 3", "target"),
        ('log_level = "loud"', "log_level"),
        ("colour = 1", "colour"),
        ("poll_s = ", "TOML"),
        ("[connection]\n", "connection"),
    ],
)
def test_a_mistake_in_the_file_names_file_and_key(file: Path, text: str, named: str) -> None:
    file.write_text(text)

    with pytest.raises(ConfigError) as raised:
        read_settings({}, file=file)

    assert str(file) in raised.value.message
    assert named in raised.value.message


def test_a_file_that_is_not_text_is_refused(file: Path) -> None:
    file.write_bytes(b"\xff\xfe\x00")

    with pytest.raises(ConfigError, match=r"config\.toml"):
        read_settings({}, file=file)


def test_a_key_in_a_file_that_others_can_read_is_refused(file: Path) -> None:
    file.write_text(f'api_key = "{KEY}"\n')
    file.chmod(0o644)

    with pytest.raises(ConfigError, match="others may read it") as raised:
        read_settings({}, file=file)

    assert KEY not in str(raised.value)

    file.chmod(0o600)
    assert read_settings({}, file=file).api_key.reveal() == KEY


def test_no_credential_stands_in_a_repr(file: Path) -> None:
    settings = read_settings({"DAYTONA_API_KEY": KEY, "DAYTONA_JWT_TOKEN": KEY[::-1]}, file=file)

    assert KEY not in repr(settings)
    assert KEY[::-1] not in repr(settings)
    assert KEY not in repr(settings.connection())


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({}, "no Daytona key"),
        ({"DAYTONA_API_KEY": KEY, "DAYTONA_API_URL": "app.daytona.io"}, "DAYTONA_API_URL"),
        ({"DAYTONA_API_KEY": KEY, "DAYTONA_API_URL": "http://me:pass@host/api"}, "user name or password"),
        ({"DAYTONA_API_KEY": KEY, "DAYTONA_API_URL": KEY}, "DAYTONA_API_URL"),
        ({"DAYTONA_API_KEY": KEY, "DAYTONA_API_URL": f"ftp://me:{KEY}@host/api"}, "DAYTONA_API_URL"),
        ({"DAYTONA_API_KEY": KEY, "DAYTONA_API_URL": "http://[::1/api"}, "DAYTONA_API_URL"),
        ({"DAYTONA_API_KEY": KEY, "DAYTONA_API_URL": "http://host:99999/api"}, "DAYTONA_API_URL"),
        ({"DAYTONA_API_KEY": f"{KEY}\nmore"}, "DAYTONA_API_KEY"),
        ({"DAYTONA_API_KEY": f"{KEY}é"}, "DAYTONA_API_KEY"),
        ({"DAYTONA_JWT_TOKEN": f"a {KEY}", "DAYTONA_ORGANIZATION_ID": "o"}, "DAYTONA_JWT_TOKEN"),
        ({"DAYTONA_JWT_TOKEN": KEY}, "DAYTONA_ORGANIZATION_ID"),
    ],
)
def test_a_connection_that_cannot_be_is_explained(file: Path, environ: dict[str, str], words: str) -> None:
    with pytest.raises(ConfigError, match=words) as raised:
        read_settings(environ, file=file).connection()

    assert KEY not in str(raised.value)


def test_the_end_of_a_transfer_is_told_as_the_file_says(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('transfer_end = "bell"\n')
    assert read_settings({}, file=file).transfer_end == "bell"
    file.write_text('transfer_end = "trumpet"\n')
    with pytest.raises(ConfigError, match="transfer_end is not one of none, bell, desktop"):
        read_settings({}, file=file)
