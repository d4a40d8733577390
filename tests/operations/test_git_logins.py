"""Logins that this machine has: from git itself with a helper of its own, the environment, a program called gh."""

from __future__ import annotations

from pathlib import Path

import pytest

from daytona_tui.domain.git import GitLogin
from daytona_tui.domain.git_address import Address, address_of
from daytona_tui.errors import ConfigError
from daytona_tui.operations.git_logins import Source, of_variable, offers, take

PRIVATE = address_of("https://git.example.com/o/app")
HELPER = '[credential "https://git.example.com"]\n\thelper = "!f() { echo username=ann; echo password=%s; }; f"\n'


async def test_git_is_asked_and_never_asks_back(home: Path) -> None:
    assert [offer.source for offer in await offers(PRIVATE, {})] == []
    (home / ".gitconfig").write_text(HELPER % "s3cret")
    (offer,) = await offers(PRIVATE, {})
    assert offer.source is Source.GIT
    assert await take(Source.GIT, PRIVATE) == GitLogin("ann", "s3cret")
    assert await offers(address_of("https://elsewhere.example.com/x"), {}) == ()
    with pytest.raises(ConfigError, match="no login for elsewhere"):
        await take(Source.GIT, address_of("https://elsewhere.example.com/x"))


async def test_a_program_called_gh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gh = tmp_path / "gh"
    gh.write_text('#!/bin/sh\n[ "$4" = github.com ] && echo gho_token || exit 1\n')
    gh.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    hub = address_of("octo/app")
    assert Source.GH in {offer.source for offer in await offers(hub, {})}
    assert await take(Source.GH, hub) == GitLogin("x-access-token", "gho_token")
    with pytest.raises(ConfigError, match="GitHub CLI has no login"):
        await take(Source.GH, PRIVATE)


async def test_variables_of_a_host() -> None:
    hub = address_of("octo/app")
    variables = {"GITHUB_TOKEN": "t1\n", "GITLAB_TOKEN": "t2", "EMPTY": " "}
    assert "GITHUB_TOKEN" in [offer.variable for offer in await offers(hub, variables)]
    assert await take(Source.ENV, hub, variables) == GitLogin("x-access-token", "t1")
    assert await take(Source.ENV, address_of("gitlab.com/o/x"), variables) == GitLogin("oauth2", "t2")
    with pytest.raises(ConfigError, match=r"no variable holds a login for git\.example"):
        await take(Source.ENV, PRIVATE, variables)
    for name in ("EMPTY", "NOWHERE"):
        with pytest.raises(ConfigError, match=name):
            of_variable(name, hub, environment=variables)
    assert of_variable("GITLAB_TOKEN", PRIVATE, "ann", variables) == GitLogin("ann", "t2")
    for source in Source:
        with pytest.raises(ConfigError, match="no login can be given"):
            await take(source, address_of("git@github.com:octo/app"))


async def test_a_hostile_address_asks_for_no_other_login(home: Path) -> None:
    (home / ".gitconfig").write_text(HELPER % "s3cret")
    with pytest.raises(ConfigError, match="no line of text"):
        address_of("https://x%0ahost=git.example.com@elsewhere.example.com/x")
    forged = Address("https://elsewhere.example.com/x", "x", "elsewhere.example.com", None, "x\nhost=git.example.com")
    with pytest.raises(ConfigError, match="another host"):
        await take(Source.GIT, forged)
