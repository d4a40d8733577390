"""Orders of sandboxes: what is wrong with them is found before the server is asked, where it is to be put right."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daytona_tui.domain.creation import (
    CreateOrder,
    FromBuilder,
    FromDockerfile,
    FromImage,
    FromSnapshot,
    Mount,
    Repository,
    Upload,
)
from daytona_tui.domain.creation_checks import check
from daytona_tui.domain.dockerfiles import local_files, problem_with

_BUILT = CreateOrder(source=FromImage("debian:12"))

_WRONG: list[tuple[CreateOrder, str, str]] = [
    (CreateOrder(name=" x"), "name", "blanks"),
    (CreateOrder(name=".."), "name", "more than dots"),
    (CreateOrder(name="a\nb"), "name", "control"),
    (CreateOrder(name="x" * 256), "name", "255"),
    (CreateOrder(source=FromSnapshot("a\tb")), "source", "one line"),
    (CreateOrder(source=FromImage("")), "source", "debian:12.9"),
    (CreateOrder(source=FromImage("a b")), "source", "without blanks"),
    (CreateOrder(source=FromImage("a\nRUN evil")), "source", "without blanks"),
    (CreateOrder(source=FromDockerfile("  \n")), "source", "empty"),
    (CreateOrder(source=FromDockerfile("RUN x")), "source", "begins with FROM"),
    (CreateOrder(source=FromDockerfile("# only\n")), "source", "no FROM"),
    (CreateOrder(source=FromDockerfile("FROM x\n" + "#" * (1 << 20))), "source", "letters at most"),
    (CreateOrder(source=FromDockerfile("FROM x\nCOPY a b /c/\n")), "source", "line 2 copies 'a' and 1 more"),
    (CreateOrder(source=FromBuilder(python="3.7")), "source", "3.9, 3.10"),
    (CreateOrder(source=FromBuilder(base="x", python="3.12")), "source", "Debian slim"),
    (CreateOrder(source=FromBuilder(packages=("--pre",))), "source", "no option of pip"),
    (CreateOrder(source=FromBuilder(commands=("a\nFROM b",))), "source", "one line each"),
    (CreateOrder(source=FromBuilder(env={"1": "x"})), "source", "no name of a variable"),
    (CreateOrder(source=FromBuilder(env={"A": "x\ny"})), "source", "one line"),
    (CreateOrder(source=FromBuilder(workdir="rel")), "source", "absolute"),
    (CreateOrder(source=FromBuilder(user="a b")), "source", "one word"),
    (CreateOrder(target="a\nb"), "target", "one line"),
    (CreateOrder(env={"A=B": "x"}), "env", "'A=B'"),
    (CreateOrder(labels={" ": "x"}), "labels", "not empty"),
    (CreateOrder(secrets={"A-B": "x"}), "secrets", "letters, digits"),
    (CreateOrder(secrets={"A": ""}), "secrets", "A=NAME"),
    (CreateOrder(secrets={"A": "s"}, env={"A": "v"}), "secrets", "at once"),
    (CreateOrder(cpu=2), "cpu", "a snapshot has its own size"),
    (replace(_BUILT, memory_gib=0), "memory_gib", "from 1 on"),
    (replace(_BUILT, disk_gib=99999), "disk_gib", "from 1 on"),
    (replace(_BUILT, gpu=1), "gpu", "ephemeral"),
    (replace(_BUILT, gpu_types=("H100",)), "gpu_types", "needs a number"),
    (replace(_BUILT, gpu=1, ephemeral=True, gpu_types=("X1",)), "gpu_types", "none of H100"),
    (CreateOrder(spot=True), "spot", "GPU"),
    (CreateOrder(auto_stop_min=-1), "auto_stop_min", "from 0 on"),
    (CreateOrder(ttl_min=2**31), "ttl_min", "from 0 on"),
    (CreateOrder(auto_archive_min=43201), "auto_archive_min", "43,200"),
    (CreateOrder(auto_delete_min=-2), "auto_delete_min", "-1"),
    (CreateOrder(ephemeral=True, auto_delete_min=5), "auto_delete_min", "leave this empty"),
    (CreateOrder(auto_stop_min=1, auto_pause_min=1), "auto_pause_min", "exclude"),
    (CreateOrder(ephemeral=True, auto_pause_min=1), "auto_pause_min", "ephemeral"),
    (CreateOrder(queue_timeout_min=0), "queue_timeout_min", "from 1 on"),
    (CreateOrder(volumes=(Mount("", "/x"),)), "volumes", "name is missing"),
    (CreateOrder(volumes=(Mount("v", "x"),)), "volumes", "absolute"),
    (CreateOrder(volumes=(Mount("v", "/"),)), "volumes", "system"),
    (CreateOrder(volumes=(Mount("v", "/etc/x"),)), "volumes", "system"),
    (CreateOrder(volumes=(Mount("v", "/a/../b"),)), "volumes", ".. parts"),
    (CreateOrder(volumes=(Mount("v", "/a", "../b"),)), "volumes", "relative"),
    (CreateOrder(volumes=(Mount("v", "/a"), Mount("w", "/a/"))), "volumes", "two volumes at /a"),
    (CreateOrder(volumes=tuple(Mount("v", f"/m/{each}") for each in range(65))), "volumes", "64"),
    (CreateOrder(networks=("300.1.1.1/8",)), "networks", "no IPv4"),
    (CreateOrder(networks=("10.0.0.0",)), "networks", "prefix"),
    (CreateOrder(networks=("10.0.0.0/33",)), "networks", "prefix"),
    (CreateOrder(networks=("10.0.0.0/8",) * 11), "networks", "10 networks"),
    (CreateOrder(domains=("localhost",)), "domains", "example.com"),
    (CreateOrder(domains=("a.com",) * 21), "domains", "20 domains"),
    (CreateOrder(networks=("10.0.0.0/8",), domains=("a.com",)), "domains", "exclude"),
    (CreateOrder(block_network=True, domains=("a.com",)), "block_network", "no allow lists"),
    (CreateOrder(outbound_proxy="ftp://x"), "outbound_proxy", "http://"),
    (CreateOrder(linked_to="other"), "linked_to", "ephemeral"),
    (CreateOrder(uploads=(Upload(""),)), "uploads", "missing"),
    (CreateOrder(repository=Repository("")), "repository", "no repository"),
    (CreateOrder(repository=Repository("a/b", depth=0)), "repository", "from 1 on"),
]


@pytest.mark.parametrize(("order", "field", "words"), _WRONG, ids=lambda value: value if isinstance(value, str) else "")
def test_what_is_wrong_is_said_where_it_stands(order: CreateOrder, field: str, words: str) -> None:
    problems = check(order)
    assert any(each.field == field and words in each.words for each in problems), problems
    assert all(hasattr(order, each.field) and "\n" not in each.words for each in problems)


def test_what_is_right_is_left_alone() -> None:
    for order in (
        CreateOrder(),
        CreateOrder(name="my box 2", auto_stop_min=0, auto_archive_min=0, auto_delete_min=-1, ttl_min=0),
        replace(_BUILT, cpu=4, memory_gib=8, disk_gib=10, gpu=1, ephemeral=True, gpu_types=("H100",), spot=True),
        CreateOrder(source=FromBuilder(python="3.12.4", packages=("requests>=2",), commands=("apt-get update",))),
        CreateOrder(networks=("10.0.0.0/8", "1.2.3.4/32"), volumes=(Mount("v", "/mnt/v", "a/b"),)),
        CreateOrder(domains=("*.example.com",), env={"A": "x\ny"}, secrets={"TOKEN": "token"}),
    ):
        assert check(order) == ()


def test_files_of_this_machine_are_told_from_those_of_stages_and_addresses() -> None:
    text = (
        "# syntax\nARG V=1\nFROM a AS one\nCOPY --from=one /x /y\nADD https://example.com/f /f\n"
        "COPY <<EOF /note\nCOPY this /is-text\nEOF\nRUN echo \\\n  # between\n  COPY x y\n"
        'COPY --chown=1:1 \\\n  "with space" /d\nADD ["p", "q", "/e/"]\n'
    )
    assert problem_with(text) == ""
    assert [(each.line, each.path) for each in local_files(text)] == [(12, "with space"), (14, "p"), (14, "q")]


@given(st.text())
def test_no_text_is_too_odd_for_a_dockerfile(text: str) -> None:
    problem_with(text)
    local_files(text)
    check(CreateOrder(source=FromDockerfile(text), name=text, networks=(text,), volumes=(Mount(text, text, text),)))
