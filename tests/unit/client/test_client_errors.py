"""Refusals become our errors: the right class, one clean line, no address, no key."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest

from daytona_tui.client.errors import Refusal, clean, refused, translated
from daytona_tui.config.connection import Secret
from daytona_tui.errors import (
    AuthError,
    ConflictError,
    DaytonaTuiError,
    NotFoundError,
    OperationTimeoutError,
    RateLimitedError,
    RemoteError,
    UnreachableError,
    UnsupportedError,
)

KEY = "dtn_0123456789abcdef0123456789abcdef"


def envelope(message: str, **more: Any) -> bytes:
    return json.dumps({"statusCode": 0, "message": message, **more}).encode()


@pytest.mark.parametrize(
    ("status", "message", "kind"),
    [
        (400, "bad limit", RemoteError),
        (400, "Sandbox is not in a stoppable state", ConflictError),
        (400, "Sandbox is not stopped", ConflictError),
        (400, "Sandbox is in an errored state", ConflictError),
        (401, "Invalid credentials", AuthError),
        (403, "Access denied", AuthError),
        (404, "Sandbox with ID or name x not found", NotFoundError),
        (404, "Cannot POST /api/sandbox/x/pause", UnsupportedError),
        (408, "late", OperationTimeoutError),
        (409, "Sandbox state change in progress", ConflictError),
        (410, "gone", NotFoundError),
        (422, "no", RemoteError),
        (500, "An unexpected error occurred.", RemoteError),
        (501, "not served", UnsupportedError),
        (503, "later", RemoteError),
    ],
)
def test_the_status_decides_the_class(status: int, message: str, kind: type[DaytonaTuiError]) -> None:
    error = refused(status, {}, envelope(message, code="SOME_CODE"), source="api")
    assert type(error) is kind
    assert error.message == message.rstrip(".")
    assert (error.status, error.code, error.source) == (status, "SOME_CODE", "api")


def test_an_unreadable_file_is_no_reason_to_ask_for_another_key() -> None:
    body = envelope("permission denied", code="FILE_ACCESS_DENIED", source="DAYTONA_DAEMON")
    error = refused(403, {}, body, source="toolbox")
    assert type(error) is RemoteError
    assert error.source == "toolbox"


@pytest.mark.parametrize(
    ("headers", "seconds", "limiter"),
    [
        ({"Retry-After": "7"}, 7.0, ""),
        ({"Retry-After-authenticated": "60"}, 60.0, "authenticated"),
        ({"retry-after-sandbox-lifecycle": "12"}, 12.0, "sandbox-lifecycle"),
        ({"Retry-After-a": "3", "Retry-After-sandbox-create": "9"}, 9.0, "sandbox-create"),
        ({"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, None, ""),
        ({}, None, ""),
    ],
)
def test_rate_limits_say_when_to_ask_again(headers: dict[str, str], seconds: float | None, limiter: str) -> None:
    error = refused(429, headers, envelope("ThrottlerException: Too Many Requests"), source="api")
    assert isinstance(error, RateLimitedError)
    assert (error.retry_after_s, error.limiter) == (seconds, limiter)


@pytest.mark.parametrize(
    "body",
    [b"", b"<html><body>502 Bad Gateway</body></html>", b"[1, 2]", b"null", b"\xff\xfe", b"{}", b'{"message": 5}'],
)
def test_a_body_without_a_message_still_makes_a_sentence(body: bytes) -> None:
    error = refused(502, {}, body, source="api")
    assert isinstance(error, RemoteError)
    assert error.message
    assert "<" not in error.message


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Failed to start sandbox: Failure during waiting for sandbox to start: boom", "boom"),
        ("two\nlines\x1b[31m and colour.", "two lines [31m and colour"),
        ("see https://user:secret@host.example/path?token=abc for more", "see host.example for more"),
        ("\u202eevil", "evil"),
    ],
)
def test_texts_are_one_clean_line(text: str, expected: str) -> None:
    assert clean(text) == expected


def test_long_texts_are_cut() -> None:
    assert len(clean("x" * 10_000)) <= 300


async def test_the_key_is_cut_out_of_what_the_server_echoes() -> None:
    with pytest.raises(AuthError) as caught:
        async with translated("asking", timeout_s=5, secret=Secret(KEY)):
            raise Refusal(401, {}, envelope(f"the key {KEY} is unknown", code=KEY), source="api")
    assert KEY not in f"{caught.value!r} {caught.value.message} {caught.value.args} {caught.value.code}"
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("padding", range(260, 304))
async def test_no_piece_of_the_key_is_left_where_a_long_text_is_cut(padding: int) -> None:
    with pytest.raises(RemoteError) as caught:
        async with translated("asking", timeout_s=5, secret=Secret(KEY)):
            raise Refusal(500, {}, envelope("x" * padding + KEY + "y" * 50), source="api")
    assert KEY[:4] not in caught.value.message


async def test_a_secret_of_several_lines_is_cut_out_however_it_is_written() -> None:
    secret = "line one/+\nline two & three"
    for echoed in (
        secret,
        secret.replace("\n", "\\n"),
        quote(secret, safe=""),
        f"{secret} " + "x" * 400,
        "y" * 285 + secret,
    ):
        body = json.dumps({"message": f"bad value: {echoed}", "code": f"BAD {secret}"}).encode()
        with pytest.raises(DaytonaTuiError) as caught:
            async with translated("making it", timeout_s=1, secret=Secret(secret)):
                raise Refusal(400, {}, body, source="api")
        shown = f"{caught.value.message} {caught.value.args} {caught.value.code}"
        assert "line one" not in shown, shown
        assert "two" not in shown, shown


async def test_silence_is_unreachable_and_for_acts_a_late_operation() -> None:
    import asyncio

    with pytest.raises(UnreachableError, match=r"no answer from host:1 within 0\.01 s while asking"):
        async with translated("asking", timeout_s=0.01, host="host:1"):
            await asyncio.Event().wait()
    with pytest.raises(OperationTimeoutError):
        async with translated("running", timeout_s=0.01, is_act=True):
            await asyncio.Event().wait()


async def test_bugs_and_our_own_errors_pass_unchanged() -> None:
    ours = NotFoundError("x")
    with pytest.raises(NotFoundError) as caught:
        async with translated("asking", timeout_s=5):
            raise ours
    assert caught.value is ours
    with pytest.raises(KeyError):
        async with translated("asking", timeout_s=5):
            raise KeyError("a bug")
