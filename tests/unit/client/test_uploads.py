"""What an upload sends, and how what is said of it is read."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daytona_tui.client.ranges import Cut
from daytona_tui.client.uploads import Envelope, Feeder, refusal_of, verdict
from daytona_tui.errors import RemoteError, VerificationError

SIZES = {"/a": 1, "/a: b": 2, "/dir/c": 3}


def said(errors: object, files: object = None) -> bytes:
    return json.dumps({"errors": errors} | ({} if files is None else {"files": files})).encode()


@pytest.mark.parametrize(
    ("body", "failed"),
    [
        (said(["/a: permission denied"]), {"/a": "permission denied"}),
        (said(["/a: b: is a directory"]), {"/a": "b: is a directory"}),
        (said(["/dir/c: mkdir /dir: not a directory", 7]), {"/dir/c": "mkdir /dir: not a directory"}),
        (said(["elsewhere: no"]), dict.fromkeys(SIZES, "elsewhere: no")),
        (said([], [{"path": "/a", "bytes": 1}, {"path": "/a: b", "bytes": 2}, {"path": "/dir/c", "bytes": 3}]), {}),
        (said([], []), {}),
        (said(None, None), None),
        (b"", None),
        (b"<html>", None),
        (b"[]", None),
    ],
)
def test_errors_are_told_apart(body: bytes, failed: dict[str, str] | None) -> None:
    found = verdict(body, SIZES)
    if failed is None:
        assert found is None
    else:
        assert found is not None
        assert {path: error.message for path, error in found.items()} == failed


@given(
    st.recursive(
        st.none() | st.integers() | st.text() | st.sampled_from(["errors", "files", "path", "bytes", "/a: x"]),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["errors", "files", "path", "bytes"]), inner),
    )
)
def test_no_answer_is_too_odd(told: object) -> None:
    found = verdict(json.dumps(told).encode(), SIZES)
    assert found is None or (set(found) <= set(SIZES) and all(isinstance(e, RemoteError) for e in found.values()))


def test_paths_that_would_become_others_are_refused() -> None:
    for path in ("", " ", "/a ", "/a\n", "/a\0b", "/a\ud800"):
        assert refusal_of(path) is not None, repr(path)
    for path in ("/a b", "/ünï", "/a\nb", "/\udcff"):
        assert refusal_of(path) is None, repr(path)


def test_a_body_of_many_small_files_is_sent_in_few_pieces() -> None:
    items = [(f"/f{number}", b"x" * 4096) for number in range(1000)]
    pieces = Envelope().pieces(items)
    assert len(pieces) < 20
    assert sum(map(len, pieces)) > 1000 * 4096


async def chunks(*data: bytes) -> AsyncIterator[bytes]:
    for each in data:
        yield each


async def test_a_large_chunk_is_handed_over_in_pieces() -> None:
    waits: list[bool] = []
    feeder = Feeder(b"<", chunks(b"x" * 1_000_000, b""), b">", size_bytes=1_000_000, pace=waits.append)
    pieces = [bytes(piece) async for piece in feeder]
    assert b"".join(pieces) == b"<" + b"x" * 1_000_000 + b">"
    assert max(map(len, pieces)) <= 256 * 1024
    assert feeder.is_done
    assert feeder.taken == 1_000_000
    assert waits.count(True) == 3


@pytest.mark.parametrize("announced", [2, 4])
async def test_another_amount_than_announced_is_an_error(announced: int) -> None:
    feeder = Feeder(b"", chunks(b"123"), b"", size_bytes=announced, pace=lambda _: None)
    with pytest.raises(VerificationError):
        _ = [piece async for piece in feeder]
    assert isinstance(feeder.error, VerificationError)
    assert not feeder.is_done


@pytest.mark.parametrize(("code", "output"), [(1, ""), (42, "QQ=="), (0, "no base64!"), (0, "QQ"), (0, "Q\x1b[31m")])
def test_a_cut_that_failed_is_none(code: int, output: str) -> None:
    assert Cut("/f", 0, 5).contents(code, output) is None


@given(st.integers(0, 2**62), st.integers(1, 2**20), st.text())
def test_a_cut_asks_for_few_blocks_more_than_it_needs(offset: int, length: int, path: str) -> None:
    cut = Cut(path, offset, length)
    words = cut.script.rpartition("dd if=")[2].split()
    skip = int(next(word for word in words if word.startswith("skip="))[5:])
    count = int(next(word for word in words if word.startswith("count="))[6:])
    assert skip * 65536 <= offset
    assert (skip + count) * 65536 >= offset + length
    assert count * 65536 < length + 2 * 65536
