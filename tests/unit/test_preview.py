"""What a preview shows of a file, however little of it was read and whatever it holds."""

from __future__ import annotations

import gzip
import io
import json
import random
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daytona_tui.presentation.previews.body import MAX_LINE_CHARS, MAX_LINES, Body
from daytona_tui.presentation.previews.listings import TarBody
from daytona_tui.presentation.previews.opening import Way, body_for, picture_kind, way_of
from daytona_tui.presentation.previews.text import HexBody, TextBody
from daytona_tui.presentation.tones import Tone

HEAD = 256 * 1024


def opened(name: str, data: bytes, *, width: int = 40, piece: int = HEAD, plain: bool = False) -> Body:
    """The preview of a whole file, read in pieces."""
    body = body_for(name, data[:HEAD], size_bytes=len(data), width=width, is_plain=plain)
    while not body.is_done:
        read = data[body.wanted : body.wanted + piece]
        body.feed(read, is_last=len(read) < piece)
    return body


def text_of(body: Body) -> list[str]:
    return ["".join(cell.text for cell in body[index]) for index in range(len(body))]


# Text and bytes


def test_text_has_its_lines() -> None:
    body = opened("a.txt", b"one\r\ntwo\n")

    assert (text_of(body), body.kind, body.is_numbered, body.is_whole) == (["one", "two"], "text", True, True)


def test_a_line_without_an_end_is_seen_before_more_is_read() -> None:
    body = body_for("a.txt", b"one\ntwo", size_bytes=5_000_000, width=40)
    body.feed(b"one\ntwo", is_last=False)

    assert (text_of(body), body.is_whole, body.is_done) == (["one", "two"], False, False)

    body.feed(b" goes on\n", is_last=True)
    assert text_of(body) == ["one", "two goes on"]


def test_of_a_long_line_the_beginning_is_kept_and_the_rest_counted() -> None:
    body = opened("a.txt", b"x" * 3_000_000 + b"\nnext\n", piece=100_000)

    first, second = text_of(body)
    assert first == "x" * MAX_LINE_CHARS + f" … {3_000_000 - MAX_LINE_CHARS:,} more characters"
    assert second == "next"


def test_a_zero_byte_far_inside_a_text_is_shown_and_harmless() -> None:
    body = opened("a.txt", b"line\n" * 60_000 + b"before\0999after\n")

    assert text_of(body)[-1] == "before␀999after"


def test_a_character_cut_at_the_end_does_not_make_it_binary() -> None:
    assert body_for("a", "déjà vu é".encode()[:-1], size_bytes=500, width=40).kind == "text"


def test_a_text_of_sixteen_bits_is_read_as_one() -> None:
    assert text_of(opened("a.txt", "naïve\n漢字\n".encode("utf-16"))) == ["naïve", "漢字"]


def test_a_text_of_one_byte_letters_is_no_binary_file() -> None:
    body = opened("a.txt", "Grüße aus Köln, naïve façade\n".encode("latin-1") * 9)

    assert (text_of(body)[0], body.kind) == ("Grüße aus Köln, naïve façade", "text, Latin-1")


def test_a_broken_character_does_not_make_all_others_strange() -> None:
    body = opened("a.txt", "Grüße aus Köln\n".encode() + b"\xff\n")

    assert (text_of(body), body.kind) == (["Grüße aus Köln", "\ufffd"], "text")


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252"])
def test_tables_are_read_as_they_are_encoded(encoding: str) -> None:
    body = opened("a.csv", "Name;Größe\nKöln;2\n".encode(encoding))

    assert text_of(body)[0].split() == ["Köln", "2"]


def test_noise_is_no_text_of_any_kind() -> None:
    assert opened("a.bin", random.Random(6).randbytes(300)).kind == "binary file"


def test_the_end_of_many_bytes_has_its_own_offsets() -> None:
    body = HexBody("binary file", 10 << 30)
    body.feed(bytes(20), is_last=True)

    assert [line.split()[0] for line in text_of(body)] == ["280000000", "280000010"]


def test_json_that_is_broken_says_where() -> None:
    assert opened("a.json", b'{"a": 1,\n "b": [1,, 2]}\n').kind == "JSON, broken in line 2"
    assert opened("a.json", b'{"a": 1}\n').kind == "JSON"
    assert opened("a.json", b"[" * 50_000 + b"]" * 50_000).kind == "JSON"


def test_a_broken_record_says_so_and_the_others_are_laid_out() -> None:
    body = opened("a.jsonl", b'{"a": 1}\n{"a": \n"text"\n')

    assert text_of(body) == ["── 1", "{", '  "a": 1', "}", "── 2  not JSON", '{"a": ', "── 3", '"text"']


def test_no_more_is_kept_than_the_limit() -> None:
    body = opened("a.log", b"a line of text\n" * 2_000_000)

    assert body.is_done
    assert not body.is_whole
    assert body.wanted <= body.limit_bytes + HEAD


def test_bytes_are_shown_as_hex() -> None:
    body = opened("a", bytes(range(256)))

    assert body.kind == "binary file"
    assert text_of(body)[0].startswith("00000000  00 01 02")
    assert len(body) == 16


def test_colours_belong_to_characters_as_they_are_shown() -> None:
    body = TextBody()
    body.feed(b"\x1b[1mdef\x1b[0m f()\n", is_last=True)

    body.colours = ["a3n1s100"]

    assert [(cell.text, cell.tone) for cell in body[0]] == [
        ("def", Tone.ACCENT),
        (" ", Tone.NEUTRAL),
        ("f()", Tone.STRONG),
    ]


@given(st.text(max_size=30), st.text(max_size=30))
def test_no_colours_can_change_what_a_line_says(line: str, runs: str) -> None:
    body = TextBody()
    body.feed(line.encode("utf-8", "replace"), is_last=True)
    former = text_of(body)

    body.colours = [runs] * len(body)

    assert text_of(body) == former


def test_what_is_coloured_is_what_is_shown() -> None:
    body = opened("a.py", b"a\tb\n\x1b[31mred\x1b[0m\n")

    assert isinstance(body, TextBody)
    assert body.beginning(1000).split("\n") == text_of(body)


@pytest.mark.parametrize(
    ("head", "way", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n", Way.PICTURE, "PNG image"),
        (b"RIFF\0\0\0\0WEBPVP8 ", Way.PICTURE, "WebP image"),
        (b"BM I wrote a text that is long enough", Way.ON, ""),
        (b"PK\x05\x06" + bytes(18), Way.ZIP, ""),
        (b"GIF", Way.ON, ""),
        (b"", Way.ON, ""),
    ],
)
def test_what_a_file_is_depends_on_its_bytes(head: bytes, way: Way, kind: str) -> None:
    assert (way_of(head), picture_kind(head)) == (way, kind)


# JSON


@st.composite
def json_texts(draw: st.DrawFn) -> str:
    leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
    tree = st.recursive(
        leaves, lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=5), inner), max_leaves=20
    )
    value = draw(st.lists(tree) | st.dictionaries(st.text(max_size=5), tree))
    return json.dumps(value, indent=draw(st.sampled_from([None, 1, 4])), ensure_ascii=True)


@given(json_texts(), st.integers(1, 40))
def test_json_is_laid_out_as_the_standard_library_does_wherever_reading_pauses(text: str, piece: int) -> None:
    body = opened("a.json", text.encode(), piece=piece)

    assert body.kind == "JSON"
    assert "\n".join(text_of(body)) == json.dumps(json.loads(text), indent=2)


def test_numbers_stay_as_they_are_written() -> None:
    assert text_of(opened("a.json", b"[1.50, 1e400, 12345678901234567890.10]"))[1:-1] == [
        "  1.50,",
        "  1e400,",
        "  12345678901234567890.10",
    ]


def test_json_that_is_cut_off_is_shown_as_far_as_it_goes() -> None:
    body = body_for("a.json", b'{"a": [1, 2', size_bytes=10_000, width=40)
    body.feed(b'{"a": [1, 2', is_last=False)

    assert text_of(body) == ["{", '  "a": [', "    1,"]


def test_json_of_any_depth_is_laid_out() -> None:
    assert len(opened("a.json", b"[" * 100_000)) > 0


@pytest.mark.parametrize(
    "text", [b'{"a": 1, // why\n"b": 2}', b"{'a': 1}", b"not json", b"", b'{"a": undefined, "b": 1}']
)
def test_what_is_not_quite_json_stays_text(text: bytes) -> None:
    assert opened("a.json", text).kind == "text"


def test_records_are_laid_out_under_their_numbers() -> None:
    lines = text_of(opened("a.jsonl", b'{"a": 1}\n\nnot json\n{"b": []}\n', piece=5))

    assert lines == ["── 1", "{", '  "a": 1', "}", "── 3  not JSON", "not json", "── 4", "{", '  "b": []', "}"]


# Tables


def test_a_table_has_columns_and_a_heading_that_stays() -> None:
    body = opened("a.csv", b'name;size\nlong name;1\n"x;\ny";200\n')

    assert "".join(cell.text for cell in body.header or ()).split() == ["name", "size"]
    assert text_of(body) == ["long name     1  ", "x;⏎y        200  "]


def test_a_quote_that_never_ends_hides_nothing() -> None:
    body = opened("a.csv", b"a,long\n1,2\n" + b'3,"4\n' + b"5,6\n" * 5000, piece=1000)

    assert text_of(body)[0].split() == ["1", "2"]
    assert text_of(body)[1].split() == ["3", '"4']
    assert len(body) == 5002


def test_a_quote_within_a_value_quotes_nothing() -> None:
    body = opened("a.csv", b'size,n\n5" pipe,1\n2 inch,2\n3" pipe,3\n\n"6"" pipe",4\n')

    assert [line.split()[-1] for line in text_of(body)] == ["1", "2", "3", "4"]
    assert text_of(body)[3].split() == ['6"', "pipe", "4"]


def test_a_value_goes_over_lines_wherever_reading_pauses() -> None:
    data = b"a-long-heading,b\n" + b'"one\ntwo\r\nthree",2\n' * 20
    rows = [["one⏎two⏎three", "2"]] * 20
    for piece in (1, 7, 1000):
        assert [line.split() for line in text_of(opened("a.csv", data, piece=piece))] == rows


@given(st.binary(max_size=400), st.integers(1, 50), st.sampled_from([".csv", ".tsv"]))
def test_any_table_survives(data: bytes, piece: int, ending: str) -> None:
    text_of(opened(f"a{ending}", data, piece=piece))


# Markdown


def test_markdown_is_wrapped_and_loses_its_marks() -> None:
    text = (
        b"# Title\n\nSome **bold** words and `code`\nthat [go](http://on) for a while.\n\n- one\n- [x] two\n\n"
        b"```sh\nls  -l\n```\n> said\n"
    )

    lines = [line.rstrip() for line in text_of(opened("a.md", text, width=30))]

    assert lines == [
        "Title",
        "",
        "Some bold words and code that",
        "go (http://on) for a while.",
        "",
        "• one",
        "• ☑ two",
        "",
        "  ls  -l",
        "▌ said",
    ]
    assert max(map(len, lines)) <= 30


def test_a_table_in_markdown_has_columns() -> None:
    lines = text_of(opened("a.md", b"| key | what |\n| --- | :--- |\n| `a` | first |\n| longer | b |\nafter\n"))

    assert [line.rstrip() for line in lines] == [
        "key     what",
        "─────────────",
        "a       first",
        "longer  b",
        "after",
    ]


def test_a_heading_stands_out() -> None:
    assert opened("a.md", b"# Title\n")[0][0].tone is Tone.ACCENT


# Archives


def tar_of(*names: str, length: int = 300_000) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for name in names:
            info = tarfile.TarInfo(name)
            info.size = length
            archive.addfile(info, io.BytesIO(random.Random(1).randbytes(length)))
    return file.getvalue()


def test_a_tar_archive_is_listed_without_reading_what_is_in_it() -> None:
    data = tar_of("a.txt", f"{'d/' * 90}b.txt", "\x1b[2Jc.txt")
    body, read = TarBody(len(data)), 0
    while not body.is_done:
        piece = data[body.wanted : body.wanted + 4096]
        read += len(piece)
        body.feed(piece, is_last=len(piece) < 4096)

    assert [line.split("  ")[-1] for line in text_of(body)] == ["a.txt", f"{'d/' * 90}b.txt", "␛[2Jc.txt"]
    assert read < len(data) / 20
    assert body.is_whole


def test_a_compressed_archive_is_listed_and_a_compressed_text_is_read() -> None:
    archive = opened("a.tar.gz", gzip.compress(tar_of("one", "two")), piece=10_000)
    text = opened("a.log.gz", gzip.compress(b"first\n") + gzip.compress(b"second\n"))

    assert archive.kind == "tar archive, gzip"
    assert len(archive) == 2
    assert (text_of(text), text.kind) == (["first", "second"], "text, gzip")


def test_an_archive_that_is_cut_off_says_so() -> None:
    body = opened("a.tar", tar_of("one", "two")[:400_000])

    assert "cut off" in text_of(body)[-1]


def test_what_unpacks_for_ever_is_given_up() -> None:
    bomb = gzip.compress(bytes(300_000_000), 1)
    body = opened("a.bin.gz", bomb)

    assert body.is_done
    assert body.wanted <= len(bomb)


def test_what_is_packed_tight_is_shown_a_part_at_a_time() -> None:
    packed = gzip.compress(b"line\n" * 390_000)
    body = body_for("a.log.gz", packed, size_bytes=len(packed), width=40)
    body.feed(packed, is_last=True)

    assert (0 < len(body) < 300_000, body.is_done) == (True, False)

    while not body.is_done:
        body.feed(packed[body.wanted :], is_last=True)
    assert text_of(body)[-1] == "line"


def test_of_lines_without_end_not_all_are_kept() -> None:
    body = opened("a.txt", b"\n" * 5_000_000)

    assert body.is_done
    assert len(body) <= MAX_LINES + HEAD


@given(st.binary(max_size=300), st.sampled_from([b"\x1f\x8b\x08", b"BZh9", b"\xfd7zXZ\0"]))
def test_what_only_begins_like_an_archive_survives(data: bytes, magic: bytes) -> None:
    text_of(opened("a.tar.gz", magic + data))


@given(st.binary(max_size=2000), st.integers(0, 1500))
def test_a_damaged_archive_survives(noise: bytes, at: int) -> None:
    data = bytearray(tar_of("one", "two", length=10))
    data[at : at + len(noise)] = noise

    text_of(opened("a.tar", bytes(data), piece=512))


# Anything


@given(
    st.binary(max_size=300),
    st.sampled_from(["a", "a.md", "a.json", "a.jsonl", "a.csv", "a.py", "a.tar"]),
    st.booleans(),
)
def test_whatever_a_file_holds_no_terminal_obeys_it(data: bytes, name: str, plain: bool) -> None:
    body = opened(name, data, plain=plain)

    for line in [*text_of(body), "".join(cell.text for cell in body.header or ())]:
        assert not [char for char in line if ord(char) < 0x20 or 0x7F <= ord(char) < 0xA0]
