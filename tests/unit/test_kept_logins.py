"""Logins that are kept: where their keys lie, who may read them, and when they are the connection."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.support.keyrings import Memory

from daytona_tui.config.connection import Secret
from daytona_tui.config.kept_logins import KeptLogins, logins_file, read_logins
from daytona_tui.config.settings import read_settings
from daytona_tui.config.system_keyring import why_no_keyring
from daytona_tui.domain.ports import Identity
from daytona_tui.errors import ConfigError, NotFoundError
from daytona_tui.operations.login import Order, Place, forget, keep, usual_name

KEY = "dtn_0123456789abcdef0123456789abcdef"
URL = "https://daytona.example/api"
WHO = Identity(key_name="mine", organization_id="org-1")


def _order(place: Place, name: str = "work") -> Order:
    return Order(name, URL, Secret(KEY), place)


def test_a_key_in_a_file_is_for_its_owner_alone_and_is_the_connection() -> None:
    where = keep(_order(Place.FILE), WHO)

    assert str(logins_file()) in where
    assert logins_file().stat().st_mode & 0o777 == 0o600
    settings = read_settings({})
    assert (settings.profile, settings.api_url, settings.organization_id) == ("work", URL, "org-1")
    assert settings.connection().bearer.reveal() == KEY
    assert "kept login" in settings.profiles[0].origin
    assert KEY not in f"{settings!r} {where} {_order(Place.FILE)!r}"


def test_a_key_in_the_keyring_is_in_no_file(ring: Memory) -> None:
    assert why_no_keyring() == ""
    where = keep(_order(Place.KEYRING), WHO)

    assert "keyring" in where
    assert ring.kept == {("daytona-tui", "work"): KEY}
    assert KEY not in logins_file().read_text()
    assert read_settings({}).keyring == "work"

    keep(_order(Place.FILE), WHO)
    assert ring.kept == {}
    keep(_order(Place.KEYRING), WHO)
    assert forget("work") == "keyring"
    assert ring.kept == {}
    assert read_settings({}).profile == ""


def test_a_flag_a_variable_and_a_default_of_the_settings_go_before_it() -> None:
    keep(_order(Place.FILE, "first"), WHO)
    keep(_order(Place.FILE, "second"), WHO)
    file = logins_file().with_name("config.toml")
    file.write_text(f'default_profile = "own"\n[profiles.own]\napi_key = "{KEY}"\n[profiles.first]\nkeyring = true\n')
    file.chmod(0o600)

    assert read_settings({}).profile == "own"
    assert read_settings({}, profile="second").profile == "second"
    assert read_settings({}, profile="first").keyring == "first"
    file.unlink()
    assert read_settings({}).profile == "second"
    assert read_settings({"DAYTONA_API_KEY": "dtn_x"}).profile == ""
    assert forget("first") == "file"
    assert [each.name for each in read_logins().profiles] == ["second"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no json",
        "[]",
        "{}",
        '{"logins": []}',
        '{"logins": {"local": {}}}',
        '{"logins": {"a": 3}}',
        '{"logins": {"a": {"api_key": 3}}}',
        '{"logins": {"a/b": {"api_key": "x"}}}',
        "[" * 100_000,
        "\udcff",
    ],
)
def test_a_damaged_file_stops_nothing_but_itself(text: str) -> None:
    logins_file().parent.mkdir(parents=True)
    logins_file().write_text(text, errors="surrogateescape")
    logins_file().chmod(0o600)

    assert "logins.json is damaged" in read_settings({}).login_trouble
    with pytest.raises(ConfigError, match=r"logins\.json"):
        keep(_order(Place.FILE), WHO)


def test_a_file_that_others_can_read_is_refused() -> None:
    keep(_order(Place.FILE), WHO)
    logins_file().chmod(0o644)

    assert "others may read it" in read_settings({}).login_trouble
    assert read_settings({}).profile == ""
    with pytest.raises(ConfigError, match=r"no Daytona key is set: .* others may read it: chmod 600"):
        read_settings({}).connection()


def test_what_cannot_be_kept_says_so_and_nothing_is_kept(ring: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("", "local", "a b", "x" * 41, "../x"):
        with pytest.raises(ConfigError, match="a name is made of"):
            keep(_order(Place.FILE, name), WHO)
    with pytest.raises(NotFoundError, match="no login 'work' is kept"):
        forget("work")
    assert not logins_file().exists()

    def refuse(_service: str, _name: str, _password: str) -> None:
        raise RuntimeError(KEY)

    monkeypatch.setattr(ring, "set_password", refuse)
    with pytest.raises(ConfigError, match="does not take the key") as raised:
        keep(_order(Place.KEYRING), WHO)
    assert raised.value.__cause__ is None
    assert KEY not in str(raised.value)
    assert not logins_file().exists()
    logins_file().mkdir(parents=True)
    with pytest.raises(ConfigError, match=r"logins\.json cannot be"):
        keep(_order(Place.FILE), WHO)


def test_for_this_run_nothing_is_kept() -> None:
    assert "this run" in keep(_order(Place.NOWHERE), WHO)
    assert read_logins() == KeptLogins()


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://app.daytona.io/api", "app.daytona.io"),
        ("http://127.0.0.1:3000/api", "127.0.0.1"),
        ("http://[::1]:3000/api", "1"),
        ("http://local/api", "mine"),
        ("no address", "mine"),
        ("http://[", "mine"),
    ],
)
def test_a_login_is_called_after_its_server(url: str, name: str) -> None:
    assert usual_name(url) == name


def test_the_file_is_json_that_a_person_can_read(tmp_path: Path) -> None:
    keep(_order(Place.FILE), WHO)

    told = json.loads(logins_file().read_text())
    assert told == {"active": "work", "logins": {"work": {"api_url": URL, "organization_id": "org-1", "api_key": KEY}}}
    assert list(tmp_path.iterdir()) == []


def test_no_key_takes_the_place_of_another_organisations() -> None:
    keep(_order(Place.FILE), WHO)
    other = Order("work", URL, Secret("dtn_other"), Place.FILE)
    with pytest.raises(ConfigError, match="'work' is the login of another organisation"):
        keep(other, Identity(key_name="theirs", organization_id="org-2"))
    assert read_settings({}).connection().bearer.reveal() == KEY
    keep(other, WHO)
    assert read_settings({}).connection().bearer.reveal() == "dtn_other"
