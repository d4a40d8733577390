"""A part's announced length is trusted only as far as its boundary bears it out."""

from __future__ import annotations

import itertools
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from daytona_tui.client.bulk import Parts
from daytona_tui.client.multipart import Event, PartBegin, PartData, Splitter
from daytona_tui.errors import ProtocolError, VerificationError

PATIENT = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])

MARK = b"\r\n--x"
LARGE = 300_000
"""Beyond what is told in one piece."""


def part(name: str, data: bytes, announced: int | None) -> bytes:
    length = b"" if announced is None else b"Content-Length: %d\r\n" % announced
    head = b'Content-Disposition: form-data; name="file"; filename="%b"\r\n' % name.encode()
    return b"--x\r\n" + head + length + b"\r\n" + data + b"\r\n"


def events_of(body: bytes, sizes: list[int]) -> list[Event]:
    splitter, events, at = Splitter(b"x"), list[Event](), 0
    for size in itertools.cycle(sizes):
        if at >= len(body):
            break
        events += splitter.feed(body[at : at + size])
        at += size
    events += splitter.finish()
    assert splitter.is_complete
    return events


def contents(events: list[Event]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    name = ""
    for event in events:
        if isinstance(event, PartBegin):
            name = event.file_names[0]
            found[name] = b""
        elif isinstance(event, PartData):
            found[name] += event.data
    return found


hostile = st.lists(st.sampled_from([b"\r\n", b"--", b"--x", MARK, b"\r\n--x--\r\n", b"\r", b"-", b"data", b"\0"])).map(
    b"".join
)
sizes_of_pieces = st.lists(st.integers(1, 40), min_size=1, max_size=5)


@PATIENT
@given(st.lists(hostile, max_size=4), sizes_of_pieces)
@example([MARK + b"--\r\n"], [1])
def test_a_file_may_hold_its_own_boundary(files: list[bytes], sizes: list[int]) -> None:
    expected = {f"f{number}": data for number, data in enumerate(files)}
    body = b"".join(part(name, data, len(data)) for name, data in expected.items()) + b"--x--\r\n"
    assert contents(events_of(body, sizes)) == expected


@pytest.mark.parametrize("size", [LARGE, 3 * LARGE])
def test_a_large_file_may_hold_its_own_boundary(size: int) -> None:
    data = (b"." * 1000 + MARK + b"--\r\n") * (size // 1000)
    body = part("big", data, len(data)) + part("next", b"n", 1) + b"--x--\r\n"
    assert contents(events_of(body, [65_536])) == {"big": data, "next": b"n"}


@PATIENT
@given(st.binary(max_size=60), st.one_of(st.none(), st.integers(0, 300)), sizes_of_pieces)
def test_a_small_file_of_another_length_costs_no_other(data: bytes, announced: int | None, sizes: list[int]) -> None:
    if MARK in data:
        return
    body = part("a", data, announced) + part("b", b"bbb", 3) + part("c", b"", 0) + b"--x--\r\n"
    if announced is not None and body[body.index(b"\r\n\r\n") + 4 :][announced:].startswith(MARK):
        return  # a later part's boundary stands where this one's should: nobody can tell
    assert contents(events_of(body, sizes)) == {"a": data, "b": b"bbb", "c": b""}


@pytest.mark.parametrize("announced", [None, LARGE])
def test_a_large_file_that_grew_comes_as_it_was_then(announced: int | None) -> None:
    data = bytes(LARGE + 5000)
    body = part("a", data, announced) + part("b", b"b", 1) + b"--x--\r\n"
    assert contents(events_of(body, [10_000])) == {"a": data, "b": b"b"}


def test_the_last_file_may_be_shorter_than_announced() -> None:
    body = part("a", b"a", 1) + part("b", b"short", 5000) + b"--x--\r\n"
    assert contents(events_of(body, [7])) == {"a": b"a", "b": b"short"}


def test_small_files_are_told_in_one_piece() -> None:
    body = b"".join(part(f"f{number}", bytes(4096), 4096) for number in range(50)) + b"--x--\r\n"
    assert len(events_of(body, [1000])) == 150


def outcomes(events: list[Event], wanted: list[str], *, keeps: bool) -> dict[str, bytes | Exception]:
    parts = Parts(wanted, keeps=keeps)
    return dict(done for event in events if (done := parts.take(event)) is not None)


def test_a_kept_file_must_be_as_long_as_announced_and_a_passing_one_not_shorter() -> None:
    for data, announced, keeps, is_good in (
        (b"12345", 5, True, True),
        (b"1234", 5, True, False),
        (b"123456", 5, True, False),
        (b"1234", 5, False, False),
        (b"123456", 5, False, True),
        (b"123456", None, True, True),
    ):
        events = events_of(part("a", data, announced) + b"--x--\r\n", [9])
        assert isinstance(outcomes(events, ["a"], keeps=keeps)["a"], VerificationError) is not is_good


def test_a_file_asked_for_twice_or_never() -> None:
    once = events_of(part("a", b"1", 1) + b"--x--\r\n", [9])
    assert outcomes(once, ["a", "a"], keeps=True) == {"a": b"1"}
    twice = events_of(part("a", b"1", 1) + part("a", b"2", 1) + b"--x--\r\n", [9])
    with pytest.raises(ProtocolError):
        outcomes(twice, ["a"], keeps=True)


def test_what_never_ends_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("daytona_tui.client.bulk._MAX_KEPT", LARGE)
    for announced in (None, 10**12):
        splitter = Splitter(b"x")
        pieces = [part("a", b"", announced)[:-2], *[bytes(50_000)] * 20]
        events = [event for piece in pieces for event in splitter.feed(piece)]
        with pytest.raises(ProtocolError):
            outcomes(events, ["a", "b"], keeps=True)
    with pytest.raises(ProtocolError):
        Splitter(b"x").feed(bytes(100_000))


awkward = st.text(st.sampled_from("ab_/% \\\"'*;é2F\t"), min_size=1, max_size=12)


@PATIENT
@given(awkward, awkward, st.booleans(), st.sampled_from(["file", "error", "File"]))
@example("a%2Fb", "a%252Fb", True, "file")
def test_the_usual_head_says_what_it_says_among_other_headers(
    plain: str, extended: str, is_extended: bool, kind: str
) -> None:
    head = f'Content-Disposition: form-data; name="{kind}"; filename="{plain}"'
    if is_extended:
        head += f"; filename*=UTF-8''{quote(extended, safe='%')}"
    heads = (f"{head}\r\nContent-Length: 0", f"X-More: no\r\n{head}\r\nContent-Length: 0")

    usual, odd = ([event for event in events_of(_of(each), [99])] for each in heads)

    assert usual == odd


def _of(head: str) -> bytes:
    return b"--x\r\n" + head.encode() + b"\r\n\r\n\r\n--x--\r\n"
