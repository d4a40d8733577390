"""What ``doctor`` finds out without asking anybody: credential, hazards of the environment, terminal, programs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daytona_tui.config.connection import Secret
from daytona_tui.config.profiles import Profile
from daytona_tui.config.settings import Settings
from daytona_tui.domain.checkup import Finding, Grade, exit_code_of, fail, ok, warn
from daytona_tui.errors import ConfigError
from daytona_tui.operations.checkup import (
    TerminalFacts,
    credential_findings,
    hazard_findings,
    program_findings,
    settings_trouble,
    terminal_findings,
)

NOW = datetime(2026, 7, 1, tzinfo=UTC)
KEY = "dtn_0123456789abcdef0123456789abcdef"
GOOD = TerminalFacts({"TERM": "xterm-256color", "LANG": "en_GB.UTF-8"}, True, (120, 36), "utf-8")


def _by_check(findings: tuple[Finding, ...]) -> dict[str, Finding]:
    return {each.check: each for each in findings}


def _grades(findings: tuple[Finding, ...]) -> dict[str, str]:
    return {each.check: each.grade.value for each in findings}


def test_the_first_failure_is_the_exit_code_and_warnings_count_when_asked_for() -> None:
    known, later, first = warn("a", "", "do"), fail("b", "", "do", 4), fail("c", "", "do", 3)

    assert exit_code_of([ok("x", "")]) == exit_code_of([known]) == exit_code_of([]) == 0
    assert exit_code_of([known], is_strict=True) == 1
    assert exit_code_of([known, first, later], is_strict=True) == 3


def test_the_credential_is_told_with_its_place_and_never_itself() -> None:
    login = Profile("daytona", "login", jwt_token=Secret(KEY), expires_at=NOW + timedelta(hours=2))
    soon = replace(login, expires_at=NOW + timedelta(minutes=2))
    work = Profile("work", "file", keyring="work")
    token = Settings(jwt_token=Secret(KEY), profile="daytona", origins={"jwt_token": "profile daytona"})
    for settings, grade, words in (
        (
            Settings(api_key=Secret(KEY), origins={"api_key": "DAYTONA_API_KEY"}),
            Grade.OK,
            "36 characters, from DAYTONA_A",
        ),
        (
            Settings(keyring="work", origins={"keyring": "profile work"}),
            Grade.OK,
            "keyring, entry 'work', profile work",
        ),
        (replace(token, profiles=(login, work)), Grade.OK, "good for 2h 00m more"),
        (replace(token, profiles=(soon,)), Grade.WARN, "good for 2m 00s more"),
        (replace(token, profile=""), Grade.OK, "a login token"),
        (Settings(), Grade.FAIL, "no Daytona key is set"),
    ):
        findings = credential_findings(settings, NOW)
        found = _by_check(findings)["credential"]
        assert (found.grade, words in found.words) == (grade, True), found.words
        assert KEY not in repr(findings)
    told = _by_check(credential_findings(replace(token, profiles=(login, work), login_trouble="x is not JSON"), NOW))
    assert told["profiles"].words == "not used now: work (key 'work' in the keyring)"
    assert told["login"].grade is Grade.WARN


@pytest.mark.parametrize(
    ("url", "grade"),
    [
        ("https://app.daytona.io/api", "ok"),
        ("http://localhost:3000/api", "ok"),
        ("http://[::1]:3000/api", "ok"),
        ("http://daytona.example/api", "warn"),
        ("https://daytona.example", "warn"),
    ],
)
def test_an_address_that_cannot_be_right_is_to_be_known_of(url: str, grade: str) -> None:
    assert _grades(credential_findings(Settings(api_url=url), NOW))["address"] == grade


def test_settings_that_cannot_be_used_and_a_login_that_has_expired_are_told_apart() -> None:
    expired = ConfigError("the login of profile daytona has expired", hint="daytona login", code="expired_login")

    assert settings_trouble(expired) == Finding("credential", Grade.FAIL, expired.message, "daytona login", 2)
    assert settings_trouble(ConfigError("x")).check == "settings"
    assert settings_trouble(ConfigError("x")).todo


def test_a_quiet_environment_is_in_order(tmp_path: Path) -> None:
    findings = hazard_findings("http://127.0.0.1:1/api", {}, tmp_path, tmp_path)

    assert {each.grade for each in findings} == {Grade.OK}


def test_a_proxy_is_told_without_its_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def found(url: str, **variables: str) -> Finding:
        for name in ("http_proxy", "https_proxy", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return _by_check(hazard_findings(url, dict(variables), tmp_path, tmp_path))["proxy"]

    proxy = f"http://me:{KEY}@proxy.example:3128"
    straight = found("http://127.0.0.1:1/api", http_proxy=proxy)
    through = found("https://app.daytona.io/api", https_proxy=proxy)
    exempt = found("http://127.0.0.1:1/api", http_proxy=proxy, no_proxy="127.0.0.1")

    assert (straight.grade, straight.todo) == (Grade.WARN, "add 127.0.0.1 to NO_PROXY")
    assert "everything goes through http://…@proxy.example:3128" in through.words
    assert (exempt.grade, "exempt from it" in exempt.words) == (Grade.OK, True)
    assert KEY not in f"{straight} {through} {exempt}"


@pytest.mark.parametrize(
    ("text", "grade"),
    [
        (f"machine daytona.example login me password {KEY}\n", Grade.WARN),
        (f"default login me password {KEY}\n", Grade.WARN),
        (f"machine other.example login me password {KEY}\n", Grade.OK),
        ("machine", Grade.WARN),
        ("\x00\xff", Grade.WARN),
    ],
)
def test_an_entry_of_netrc_for_the_server_is_a_hazard(tmp_path: Path, text: str, grade: Grade) -> None:
    (tmp_path / ".netrc").write_bytes(text.encode("latin-1"))
    found = _by_check(hazard_findings("https://daytona.example/api", {}, tmp_path, tmp_path))["netrc"]

    assert found.grade is grade
    assert KEY not in repr(found)


def test_settings_of_others_in_the_directory_are_named_without_values(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"PATH=x\nexport DAYTONA_API_KEY={KEY}\n DAYTONA_TARGET=eu\n#DAYTONA_OFF=1\n")
    (tmp_path / ".env.local").mkdir()
    variables = {"DAYTONA_SERVER_URL": "x", "DAYTONA_HAPPY_EYEBALLS_DELAY": "nan"}
    findings = hazard_findings("https://daytona.example/api", variables, tmp_path, tmp_path)
    words = " ".join(each.words for each in findings if each.grade is Grade.WARN)

    assert "sets DAYTONA_API_KEY, DAYTONA_TARGET" in words
    assert "DAYTONA_OFF" not in words
    assert "DAYTONA_SERVER_URL is set" in words
    assert "the SDK refuses to start" in words
    assert KEY not in repr(findings)
    fine = {"DAYTONA_HAPPY_EYEBALLS_DELAY": "0.25"}
    assert "variables" not in _by_check(hazard_findings("https://x/api", fine, tmp_path / "no", tmp_path / "no"))


@pytest.mark.parametrize(
    ("changed", "check", "grade"),
    [
        ({}, "terminal", "ok"),
        ({"size": (59, 40)}, "terminal", "warn"),
        ({"TERM": "dumb"}, "terminal", "warn"),
        ({"TERM": ""}, "terminal", "warn"),
        ({"TERM": "xterm"}, "colours", "warn"),
        ({"NO_COLOR": "1"}, "colours", "ok"),
        ({"COLORTERM": "truecolor"}, "colours", "ok"),
        ({"LANG": "C"}, "locale", "warn"),
        ({"LANG": "C", "LC_ALL": "C.utf8"}, "locale", "ok"),
        ({"encoding": "iso8859-1"}, "locale", "warn"),
        ({"TERM": "xterm-kitty"}, "clipboard", "ok"),
        ({"TERM_PROGRAM": "Apple_Terminal"}, "clipboard", "warn"),
        ({"TERM": "linux"}, "clipboard", "warn"),
        ({"VTE_VERSION": "7600"}, "clipboard", "warn"),
        ({"TMUX": "/tmp/x", "clipboard_of_tmux": "off"}, "clipboard", "warn"),
        ({"TMUX": "/tmp/x", "clipboard_of_tmux": "external"}, "multiplexer", "ok"),
        ({"STY": "1.pts"}, "multiplexer", "warn"),
        ({"SSH_TTY": "/dev/pts/1"}, "ssh", "ok"),
        ({"KITTY_WINDOW_ID": "1"}, "pictures", "ok"),
    ],
)
def test_what_a_terminal_can_do_is_told_by_its_variables(changed: dict[str, object], check: str, grade: str) -> None:
    fields = {name: value for name, value in changed.items() if not name.isupper()}
    environ = {**GOOD.environ, **{name: str(value) for name, value in changed.items() if name.isupper()}}
    findings = terminal_findings(replace(GOOD, environ=environ, **fields))  # type: ignore[arg-type]

    assert _grades(findings)[check] == grade, findings
    assert all(each.todo for each in findings if each.grade is not Grade.OK)


@given(
    st.dictionaries(st.sampled_from(["TERM", "LANG", "TMUX", "TERM_PROGRAM", "COLORTERM"]), st.text()),
    st.text(),
    st.booleans(),
)
def test_no_terminal_is_too_odd(environ: dict[str, str], encoding: str, is_terminal: bool) -> None:
    assert terminal_findings(TerminalFacts(environ, is_terminal, (0, 0), encoding))


def test_a_program_that_is_missing_says_what_does_without_it(tmp_path: Path) -> None:
    assert _grades(program_findings()) == {"programs": "ok"}
    assert [each.todo for each in program_findings(str(tmp_path))] == ["install ssh", "install git"]
