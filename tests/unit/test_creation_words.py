"""Orders of sandboxes as people write them: there and back, and what cannot be understood."""

from __future__ import annotations

import shlex
import tomllib

import pytest

from daytona_tui.domain.code import Language
from daytona_tui.domain.creation import (
    CreateOrder,
    FromBuilder,
    FromDockerfile,
    FromImage,
    Mount,
    Repository,
    Upload,
)
from daytona_tui.domain.sandbox import Resources
from daytona_tui.domain.usage import Quotas, RegionQuotas
from daytona_tui.presentation.creation import (
    OrderError,
    command_line,
    drafted,
    order_file,
    order_of,
    values_from,
    values_of,
)
from daytona_tui.presentation.creation_fields import FIELDS
from daytona_tui.presentation.creation_form import Around, create_form
from daytona_tui.presentation.forms import Values

_WHOLE = CreateOrder(
    name="a name", source=FromBuilder("", "3.12", ("b>=2", "a"), ("echo 'x'; y", "z"), {"K": "a b"}, "/w", "me"),
    target="eu", user="u", env={"A": "1", "B": "two=2 words", "C": "ü\n😀"}, labels={"l": "m"},
    language=Language.JAVASCRIPT, cpu=1, memory_gib=2, disk_gib=3, gpu=1, gpu_types=("H100", "H200"), spot=True,
    auto_stop_min=0, auto_archive_min=90, ttl_min=60, ephemeral=True, public=True,
    volumes=(Mount("v", "/m", "part/x"), Mount("w", "/n")), secrets={"T": "s"}, networks=("10.0.0.0/8",),
    uploads=(Upload("./a", "b/"), Upload("c")), repository=Repository("u/r", "p", "b", "abc", 1, "git", "", "me"),
    queue_timeout_min=5, outbound_proxy="http://p:1", telemetry_endpoint="https://o", linked_to="x", kvm=True,
)  # fmt: skip


def test_every_attribute_goes_there_and_back() -> None:
    values = values_of(_WHOLE)
    assert order_of(values) == _WHOLE
    assert order_of(values_from(tomllib.loads(order_file(values)))) == _WHOLE
    assert {field.key for field in FIELDS} - set(values) == {
        "snapshot", "image", "dockerfile", "dockerfile_text", "context", "context_secrets", "base",
        "auto_pause", "auto_delete", "block_network",
        "allow_domain", "token_env",
    }  # fmt: skip
    copied = FromDockerfile("FROM a\n", "", "/files", sends_secrets=True)
    for source in (FromImage("debian:12"), FromDockerfile("FROM a\n"), copied, FromBuilder("debian:12")):
        assert order_of(values_of(CreateOrder(source=source))).source == source
    assert values_of(CreateOrder()) == {}
    assert order_of({}) == CreateOrder()


def test_the_command_line_says_the_same_and_hides_secrets() -> None:
    words = shlex.split(command_line({**values_of(_WHOLE), "env": ("A=1", "API_KEY=hunter2")}))
    assert words[:4] == ["daytona-tui", "create", "--name", "a name"]
    assert words[words.index("A=1") - 1 : words.index("A=1") + 3] == ["--env", "A=1", "--env", "API_KEY"]
    assert "hunter2" not in words
    assert "--spot" in words
    assert command_line({"dockerfile_text": "FROM a\nRUN b\n", "name": "x"}) == (
        "daytona-tui create --name x --dockerfile - <<'DOCKERFILE'\nFROM a\nRUN b\nDOCKERFILE"
    )


@pytest.mark.parametrize(
    ("values", "key", "words"),
    [
        ({"cpu": "two", "image": "a"}, "cpu", "whole number"),
        ({"cpu": "2"}, "cpu", "sizes are for images"),
        ({"auto_stop": "soon"}, "auto_stop", "15m, 2h"),
        ({"auto_archive": "31d"}, "auto_archive", "30d"),
        ({"language": "cobol"}, "language", "python"),
        ({"env": ("A",)}, "env", "write KEY=VALUE"),
        ({"snapshot": "s", "image": "i"}, "image", "a snapshot already"),
        ({"image": "i", "pip": ("x",)}, "pip", "an image already"),
        ({"branch": "b"}, "branch", "none is named"),
        ({"repo": "a/b", "depth": "0"}, "repo", "from 1 on"),
        ({"image": "a b"}, "image", "without blanks"),
        ({"dockerfile": "x", "dockerfile_text": "RUN y"}, "dockerfile", "FROM"),
        ({"volume": ("data",)}, "volume", "VOLUME:/PATH"),
        ({"allow_network": ("10.0.0.0/8,11.0.0.0",)}, "allow_network", "prefix"),
    ],
)
def test_what_is_wrong_stands_at_its_field(values: Values, key: str, words: str) -> None:
    _, mistakes = drafted(values)
    assert words in mistakes[key]
    with pytest.raises(OrderError, match=r".") as raised:
        order_of(values)
    assert raised.value.mistakes == mistakes


@pytest.mark.parametrize("document", [{"colour": "red"}, {"cpu": 1.5}, {"spot": "yes"}, {"env": "A=1"}, {"pip": [1]}])
def test_a_file_that_says_something_else_is_refused(document: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(document))):
        values_from(document)


def test_no_line_for_a_shell_holds_a_login_or_runs_what_a_dockerfile_says() -> None:
    line = command_line({"repo": "https://ann:s3cret@example.com/a/b", "proxy": "http://ann:s3cret@proxy:8080"})
    assert line == "daytona-tui create --proxy http://proxy:8080 --repo https://example.com/a/b"
    text = "FROM x\nDOCKERFILE\nrm -rf x"
    assert command_line({"dockerfile_text": text}).endswith(f"<<'DOCKERFILE_'\n{text}\nDOCKERFILE_")


def test_a_table_of_a_file_is_pairs() -> None:
    assert order_of(values_from(tomllib.loads("cpu = 2\nimage = 'a'\n[env]\nA = '1'"))).env == {"A": "1"}


def test_the_largest_that_the_server_allows_is_said_while_one_types() -> None:
    quotas = Quotas(
        (
            RegionQuotas("us", "container", largest=Resources(4, 8, 10)),
            RegionQuotas("eu", "container", largest=Resources(8, 8, None)),
            RegionQuotas("us", "linux-vm", largest=Resources(64, 512, 1000)),
        )
    )
    form = create_form({}, Around(quotas=lambda: quotas))
    assert form.check({"image": "a", "cpu": "5", "target": "us"}) == {"cpu": "this server allows a sandbox 4 vCPUs"}
    assert form.check({"image": "a", "cpu": "5", "disk": "11"}) == {}
    assert form.check({"image": "a", "memory": "9"}) == {"memory": "this server allows a sandbox 8 GiB of memory"}
    assert create_form({}).check({"image": "a", "cpu": "5"}) == {}
    assert form.check({"dockerfile": "somewhere", "dockerfile_text": "FROM x"}) != {}
    assert form.check({"dockerfile": "somewhere", "env": ("PATH",)}) == {"env": "write KEY=VALUE, not 'PATH'"}
    assert create_form({}, Around(environ={"PATH": "x"})).check({"env": ("PATH",)}) == {}
    told = form.told({"image": "a", "cpu": "2", "memory": "4", "disk": "8", "name": "x"})
    assert told[0].startswith("about $0.17 an hour while it runs, $4.00 a day, by the price list")
    assert told[1] == "the same:  daytona-tui create --name x --image a --cpu 2 --memory 4 --disk 8"
    assert len(form.told({"image": "a", "cpu": "2"})) == 1
