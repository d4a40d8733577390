"""What a person says of a repository, and what git says of its state."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daytona_tui.domain.git import Change, GitFile, GitLogin
from daytona_tui.domain.git_address import Address, address_of, usual_user, without_login, without_logins
from daytona_tui.domain.git_porcelain import status_of
from daytona_tui.errors import ConfigError
from daytona_tui.presentation.run_once import command_line as once_line


@pytest.mark.parametrize(
    ("said", "url", "name", "host"),
    [
        ("octo/app", "https://github.com/octo/app.git", "app", "github.com"),
        ("octo/app.git", "https://github.com/octo/app.git", "app", "github.com"),
        ("gitlab.com/a/b/app", "https://gitlab.com/a/b/app", "app", "gitlab.com"),
        (" https://Example.com:8443/a/app.git/ ", "https://example.com:8443/a/app.git/", "app", "example.com:8443"),
        ("http://[::1]:80/app", "http://[::1]:80/app", "app", "[::1]:80"),
        ("git@github.com:octo/app.git", "git@github.com:octo/app.git", "app", ""),
        ("ssh://git@github.com/octo/app", "ssh://git@github.com/octo/app", "app", ""),
        ("/srv/app.git", "/srv/app.git", "app", ""),
        ("../app", "../app", "app", ""),
        ("file:///srv/app", "file:///srv/app", "app", ""),
    ],
)
def test_what_means_a_repository(said: str, url: str, name: str, host: str) -> None:
    address = address_of(said)
    assert (address.url, address.name, address.host, address.login) == (url, name, host, None)


@pytest.mark.parametrize(
    "said",
    [
        "",
        " ",
        "app",
        "-u/x",
        "--upload-pack=x",
        "ext::sh -c x",
        "ext::x",
        "ftp://h/x",
        "https://",
        "https:///x",
        "a/b/c",
        "https://h/",
        "https://h/..",
        "https://h:port/x",
        "https://h/x y",
        "octo/..",
        "..",
        "git@h:x\ny",
        "fd::17/foo",
    ],
)
def test_what_means_none(said: str) -> None:
    with pytest.raises(ConfigError):
        address_of(said)


@pytest.mark.parametrize(
    ("said", "login", "username"),
    [
        ("https://ann:p%40ss@h/x", GitLogin("ann", "p@ss"), "ann"),
        ("https://:secret@github.com/o/x", GitLogin("x-access-token", "secret"), ""),
        ("https://ghp_0123456789@github.com/o/x", GitLogin("x-access-token", "ghp_0123456789"), ""),
        ("https://glpat-0123@gitlab.com/o/x", GitLogin("oauth2", "glpat-0123"), ""),
        ("https://ann@h/x", None, "ann"),
    ],
)
def test_a_login_in_an_address_is_taken_out_of_it(said: str, login: GitLogin | None, username: str) -> None:
    address = address_of(said)
    assert (address.login, address.username) == (login, username)
    assert "@" not in address.url
    if login is not None:
        assert login.password not in repr(address)
        assert login.password not in repr(login)


def test_a_token_needs_a_name() -> None:
    assert usual_user("GitHub.com") == "x-access-token"
    assert usual_user("git.example.com:8443") == "git"
    for username, password in (("", "x"), ("x", ""), ("a\nb", "x"), ("a", "x\0")):
        with pytest.raises(ConfigError):
            GitLogin(username, password).check()


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_refused(said: str) -> None:
    try:
        address = address_of(said)
    except ConfigError:
        return
    assert isinstance(address, Address)
    assert not address.url.startswith("-")
    assert address.name not in ("", ".", "..")
    assert "/" not in address.name


def test_a_login_is_neither_shown_nor_kept() -> None:
    assert without_login("https://ann:s3cret@example.com/a/b") == "https://example.com/a/b"
    assert without_login("ssh://git:s3cret@example.com/a") == "ssh://git@example.com/a"
    assert without_login("git://ann:s3cret@example.com/a") == "git://example.com/a"
    assert without_login("nothing://ann:s3cret@example.com/a") == "nothing://example.com/a"
    for said in ("octo/app", "git@github.com:octo/app", "ssh://git@example.com/a", "./here"):
        assert without_login(said) == said
    assert without_logins("fatal: no 'https://ann:s3cret@h/x'") == "fatal: no 'https://h/x'"
    assert "YW5uOnMzY3JldA" in GitLogin("ann", "s3cret").secrets
    line = once_line({"repo": "https://ann:s3cret@example.com/a/b", "command": "make"})
    assert line == "daytona-tui run-once --repo https://example.com/a/b --command make"


def test_what_git_says_of_files() -> None:
    zeros = "0" * 40
    status = status_of(
        [
            "# branch.oid abc",
            "# branch.head main",
            "# branch.upstream origin/main",
            "# branch.ab +2 -1",
            f"1 A. N... 000000 100644 100644 {zeros} {zeros} a name",
            f"1 .T N... 100644 100644 100644 {zeros} {zeros} two",
            f"2 R. N... 100644 100644 100644 {zeros} {zeros} R100 new",
            "old",
            f"u UU N... 100644 100644 100644 100644 {zeros} {zeros} {zeros} both",
            "? un known",
            "! ignored",
            "1 short",
            "",
        ]
    )
    assert (status.branch, status.upstream, status.ahead, status.behind) == ("main", "origin/main", 2, 1)
    assert status.files == (
        GitFile("a name", Change.ADDED),
        GitFile("two", Change.SAME, Change.MODIFIED),
        GitFile("new", Change.RENAMED, Change.SAME, "old"),
        GitFile("both", Change.CONFLICT, Change.CONFLICT),
        GitFile("un known", Change.UNTRACKED, Change.UNTRACKED),
    )
    assert [file.name for file in status.staged] == ["a name", "new"]
    assert [file.change for file in status.files[:2]] == [Change.ADDED, Change.MODIFIED]
    assert status_of([]).is_published is None
    assert status_of(["# branch.head (detached)", "# branch.ab +x -1"]).branch == ""


@given(st.lists(st.text(max_size=40)))
def test_no_record_breaks_it(records: list[str]) -> None:
    status_of(records)
