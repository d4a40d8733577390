"""Dockerfiles that copy files: what was pushed is in the image, and nothing else gets anywhere."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from daytona import AsyncDaytona, AsyncSandbox, CreateSandboxFromImageParams, DaytonaError, Image
from tests.emulator.conftest import Connect, OpenEmulator

from daytona_tui.emulator.workshop.context import ContextError, chosen, unpack
from daytona_tui.emulator.workshop.copies import Copy, CopyError, copy_of, flags_of

pytestmark = pytest.mark.usefixtures("storage_without_tls")


async def built(client: AsyncDaytona, image: Image) -> AsyncSandbox:
    return await client.create(CreateSandboxFromImageParams(image=image), timeout=60)


def write(root: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


async def test_the_sdk_builds_a_dockerfile_with_its_files(
    open_emulator: OpenEmulator, connect: Connect, isolation: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(
        tmp_path,
        {"app.py": "print('app')", "src/a.txt": "a", "src/deep/b.txt": "b", "run.sh": "echo run", "x.toml": "t"},
    )
    (tmp_path / "src" / "link").symlink_to("a.txt")
    (tmp_path / "Dockerfile").write_text(
        "FROM python:3.12-slim\n"
        "WORKDIR /srv/app\n"
        "COPY app.py *.toml ./\n"
        "COPY src /srv/app/src\n"
        "COPY --chown=1000:1000 --chmod=755 run.sh bin/start\n"
        'COPY ["app.py", "/data/models/"]\n'
        "RUN ./bin/start > said && cat src/deep/b.txt >> said\n"
    )
    monkeypatch.chdir(tmp_path)
    client = await connect(await open_emulator(isolation=isolation))

    sandbox = await built(client, Image.from_dockerfile("Dockerfile"))

    seen = await sandbox.process.exec("ls -F . src src/deep bin; cat src/link said; readlink src/link")
    assert seen.result.splitlines() == [
        ".:", "app.py", "bin/", "said", "src/", "x.toml", "",
        "bin:", "start*", "", "src:", "a.txt", "deep/", "link@", "", "src/deep:", "b.txt",
        "arun", "ba.txt",
    ]  # fmt: skip
    place = "/data/models" if isolation == "bubblewrap" else "$HOME/data/models"
    assert (await sandbox.process.exec(f"cat {place}/app.py")).result == "print('app')"


async def test_a_directory_of_the_machine_is_added(daytona: AsyncDaytona, tmp_path: Path) -> None:
    write(tmp_path, {"one/two.txt": "2"})

    sandbox = await built(daytona, Image.base("debian:12").add_local_dir(tmp_path / "one", "/home/daytona/there"))

    assert (await sandbox.process.exec("cat there/two.txt")).result == "2"


async def test_an_archive_is_unpacked_by_add_alone(daytona: AsyncDaytona, tmp_path: Path) -> None:
    write(tmp_path, {"in/x.txt": "x"})
    with tarfile.open(tmp_path / "pack.tar.gz", "w:gz") as tar:
        tar.add(tmp_path / "in", "in")
    image = Image.base("debian:12").dockerfile_commands(["COPY pack.tar.gz kept/"], context_dir=str(tmp_path))
    image._dockerfile += "ADD pack.tar.gz unpacked/\n"
    for context in image._context_list:
        context.archive_path = "pack.tar.gz"

    sandbox = await built(daytona, image)

    seen = await sandbox.process.exec("cd; ls kept unpacked; cat unpacked/in/x.txt")
    assert seen.result.splitlines() == ["kept:", "pack.tar.gz", "", "unpacked:", "in", "x"]


async def test_a_context_that_was_not_pushed_fails_the_build(http: aiohttp.ClientSession) -> None:
    info = {"dockerfileContent": "FROM debian:12\nCOPY a b\n", "contextHashes": ["0" * 32]}

    async with http.post("/api/sandbox", json={"buildInfo": info}) as answer:
        sandbox_id = (await answer.json())["id"]
    async with http.get(f"/api/sandbox/{sandbox_id}/build-logs?follow=true") as log:
        assert "is not in the object storage" in await log.text()


async def test_a_source_that_is_missing_fails_the_build(daytona: AsyncDaytona, tmp_path: Path) -> None:
    write(tmp_path, {"here": "x"})
    image = Image.base("debian:12").add_local_file(tmp_path / "here", "there")
    image._dockerfile += "COPY elsewhere there\n"

    with pytest.raises(DaytonaError):
        await daytona.create(CreateSandboxFromImageParams(image=image, name="fails"), timeout=60)

    failed = await daytona.get("fails")
    assert failed.error_reason == "COPY elsewhere there: elsewhere is not in the context of the build: not found"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("COPY --from=builder a b", "one stage"),
        ("COPY --parents a b", "no --parents"),
        ("ADD https://example.org/x.tar /app/", "fetches nothing"),
        ("COPY <<EOF /app/x", "here-document"),
        ("COPY a", "at least two arguments"),
        ("COPY a b c", "ends with /"),
        ("COPY a /usr/bin/", "this machine's own"),
    ],
)
def test_what_cannot_be_copied_says_why(line: str, reason: str) -> None:
    name, _, rest = line.partition(" ")

    def read() -> Copy:
        mode, said = flags_of(name, rest)
        return copy_of(name, said.split(), mode, "", [])

    with pytest.raises(CopyError, match=reason):
        read()


@pytest.mark.parametrize(
    ("target", "workdir", "known", "place"),
    [
        ("/app", "", [], "/app"),
        (".", "/app", ["/app"], ""),
        ("x/y", "", [], ""),
        ("/data/models/a.bin", "", [], "/data"),
        ("/tmp/x", "", [], ""),
    ],
)
def test_places_are_made_for_targets(target: str, workdir: str, known: list[str], place: str) -> None:
    assert copy_of("COPY", ["a", target], None, workdir, known).place == place


def archive(path: Path, members: Mapping[str, Any]) -> Path:
    with tarfile.open(path, "w") as tar:
        for name, told in members.items():
            member = tarfile.TarInfo(name)
            if isinstance(told, bytes):
                member.size = len(told)
                tar.addfile(member, io.BytesIO(told))
            else:
                member.type, member.linkname = told
                tar.addfile(member)
    return path


@pytest.mark.parametrize(
    "members",
    [
        {"../out": b"x"},
        {"/out": b"x"},
        {"a/../../out": b"x"},
        {"out": (tarfile.LNKTYPE, "/etc/passwd")},
        {"out": (tarfile.FIFOTYPE, "")},
        {"out": (tarfile.CHRTYPE, "")},
    ],
)
def test_a_hostile_archive_is_refused(tmp_path: Path, members: Mapping[str, Any]) -> None:
    with pytest.raises(ContextError):
        unpack([archive(tmp_path / "a.tar", members)], tmp_path / "in")

    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.tar", "in"]


def test_nothing_is_written_or_read_through_a_link(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    write(outside, {"secret": "s"})
    first = archive(tmp_path / "a.tar", {"way": (tarfile.SYMTYPE, str(outside)), "way/in": b"x"})
    second = archive(tmp_path / "b.tar", {"sly": (tarfile.SYMTYPE, str(outside))})

    unpack([first, second], tmp_path / "in")

    assert sorted(path.name for path in outside.iterdir()) == ["secret"]
    assert (tmp_path / "in" / "way" / "in").read_bytes() == b"x"
    for source in ("sly", "sly/secret", "s*/secret"):
        with pytest.raises(CopyError, match="not in the context"):
            chosen(tmp_path / "in", Copy((source,), "/app", is_into=True))
