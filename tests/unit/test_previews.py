"""Ports, links and codes: the rules, without a server."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from daytona_tui.domain.previews import Listener, PreviewLink, SignedLink, port_trouble
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.operations.browser import no_browser
from daytona_tui.operations.listeners import joined, told
from daytona_tui.operations.previews import token_in, with_token
from daytona_tui.presentation.qr import qr_ascii, qr_for_terminal, qr_lines


@pytest.mark.parametrize("text", ["1", "3000", " 8080 ", "65535"])
def test_what_is_a_port(text: str) -> None:
    assert port_trouble(text) == ""


@pytest.mark.parametrize("text", ["", "0", "-1", "65536", "3000.0", "3e3", "٣٠٠٠", "http", "2280", "22222", "9" * 99])
def test_what_is_none(text: str) -> None:
    assert port_trouble(text)


def test_what_the_look_printed_is_believed_as_far_as_it_is_understood() -> None:
    output = "0BB8 12 node server.js \nnoise\n0BB8 13 node worker\n1F90 x y\nFFFFF 3 no\n0 3 no\n-1 3 no\n1F90 7 \n"
    seen = told(output)
    assert seen == (Listener(3000, "node server.js", 12), Listener(8080, "", 7))
    assert told("0BB8 1 " + "a" * 9000)[0].program == "a" * 300
    assert len(told("\n".join(f"{port:X} 1 x" for port in range(1, 5000)))) == 500

    assert joined((3000, 5173), seen) == (*seen[:1], Listener(5173), seen[1])
    assert joined((2280,), (Listener(22_222, "ttyd", 3),)) == (), "the daemon's own are no previews"


def test_tokens_are_added_to_links_and_found_in_them() -> None:
    assert with_token(PreviewLink(3000, "https://3000-id.proxy.example", "s3cret")) == (
        "https://3000-id.proxy.example/?DAYTONA_SANDBOX_AUTH_KEY=s3cret"
    )
    assert with_token(PreviewLink(3000, "http://h/preview/id/3000/?a=1", "t")) == (
        "http://h/preview/id/3000/?a=1&DAYTONA_SANDBOX_AUTH_KEY=t"
    )
    assert with_token(PreviewLink(3000, "http://h/", "")) == "http://h/"

    assert token_in(" abc123 \n") == "abc123"
    assert token_in("https://3000-abc123.proxy.example/page?x=1") == "abc123"
    assert token_in("https://3000-aBC123.proxy.example") == "aBC123"
    assert token_in("http://127.0.0.1:8080/preview/abc123/3000/") == "abc123"
    assert token_in("http://[::1/") == ""
    assert token_in("https://example.com/") == ""


def test_secrets_do_not_show() -> None:
    link = SignedLink(SandboxId("id"), 3000, "https://3000-s3cret.h/", "s3cret", datetime.now(UTC))
    assert "s3cret" not in repr(link)
    assert "s3cret" not in repr(PreviewLink(3000, "https://h", "s3cret"))


def test_where_there_is_a_browser() -> None:
    assert no_browser({"DISPLAY": ":0"}, "linux") == ""
    assert no_browser({"WAYLAND_DISPLAY": "w"}, "linux") == ""
    assert "no screen" in no_browser({}, "linux")
    assert no_browser({}, "darwin") == ""
    assert "over SSH" in no_browser({"SSH_CONNECTION": "x", "DISPLAY": ":10"}, "linux")
    assert "over SSH" in no_browser({"SSH_TTY": "/dev/pts/1"}, "darwin")
    assert no_browser({"SSH_TTY": "/dev/pts/1", "BROWSER": "code"}, "linux") == ""


def test_codes_say_what_they_were_made_of_and_fit() -> None:
    signed = "https://3000-abcdefghijklmnop.proxy.daytona.works/"
    long = f"https://3000-{'a' * 36}.proxy.daytona.works/?DAYTONA_SANDBOX_AUTH_KEY={'b' * 32}"
    for text in (signed, long):
        lines = qr_lines(text)
        assert len({len(line) for line in lines}) == 1
        assert len(lines) <= 23
        assert len(lines[0]) <= 78
        assert not lines[0].strip(), "a margin of light modules"
        plain = qr_ascii(text)
        assert len(plain) in (2 * len(lines), 2 * len(lines) - 1)
        upper = [["▀" in cell or "█" in cell for cell in line] for line in lines]
        assert upper == [[row[x : x + 2] == "##" for x in range(0, len(row), 2)] for row in plain[::2]]
    assert qr_lines("x" * 5000) == ()
    assert qr_for_terminal("x" * 5000) == ""
    assert qr_for_terminal(signed).count("\x1b[0m\n") == len(qr_lines(signed))
