"""What a Dockerfile copies from this machine: found, kept inside, left out, and packed."""

from __future__ import annotations

import io
import os
import tarfile
import threading
from collections.abc import Mapping
from pathlib import Path

import pytest

from daytona_tui.domain.build_context import BuildContext, EntryKind, looks_secret, suspect_words
from daytona_tui.errors import MisuseError, TransferError
from daytona_tui.transfer import context_survey
from daytona_tui.transfer.context_archive import ContextArchive
from daytona_tui.transfer.context_survey import Stopped, survey
from daytona_tui.transfer.dockerignore import DockerIgnore


def write(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)


def names(context: BuildContext, *, kind: EntryKind = EntryKind.FILE) -> list[str]:
    return [entry.name for entry in context.entries if entry.kind is kind]


def found(root: Path, *lines: str) -> BuildContext:
    return survey("\n".join(("FROM debian:12", *lines)), root)


def test_only_what_is_copied_is_found(tmp_path: Path) -> None:
    write(tmp_path, "a.py", "b.py", "c.txt", "src/x.py", "src/deep/y.py", "other/z")

    context = found(tmp_path, "COPY *.py src/deep /app/", 'ADD ["c.txt", "/app/"]', "COPY --from=builder other /app")

    assert names(context) == ["a.py", "b.py", "c.txt", "src/deep/y.py"]
    assert names(context, kind=EntryKind.DIRECTORY) == ["src/deep"]
    assert (context.files, context.size) == (4, sum(len(name) for name in names(context)))


def test_the_whole_directory_is_found_with_its_modes_and_links(tmp_path: Path) -> None:
    write(tmp_path, "run.sh", "lib/a")
    (tmp_path / "run.sh").chmod(0o755)
    (tmp_path / "inside").symlink_to("lib/a")
    (tmp_path / "outside").symlink_to("/etc/passwd")
    (tmp_path / "up").symlink_to("../somewhere")
    (tmp_path / "empty").mkdir()
    os.mkfifo(tmp_path / "pipe")

    context = found(tmp_path, "COPY . /app")

    assert names(context) == ["lib/a", "run.sh"]
    assert names(context, kind=EntryKind.DIRECTORY) == ["empty", "lib"]
    assert [(entry.name, entry.points_to) for entry in context.entries if entry.points_to] == [("inside", "lib/a")]
    assert context.left_out == (
        "outside: a link out of the context",
        "pipe: not a regular file",
        "up: a link out of the context",
    )
    assert next(entry.mode for entry in context.entries if entry.name == "run.sh") == 0o755


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("COPY ../secret /app", "outside the context"),
        ("COPY a/../../secret /app", "outside the context"),
        ("COPY /etc/passwd /app", "relative to the context"),
        ("COPY way /app", "a link out of the context"),
        ("COPY way/secret /app", "a link out of the context"),
        ("COPY missing /app", "is not in"),
        ("COPY *.nothing /app/", "is not in"),
        ("COPY hidden /app", "left out by .dockerignore"),
    ],
)
def test_nothing_leaves_the_context(tmp_path: Path, line: str, words: str) -> None:
    write(tmp_path, "secret", "in/a", "in/hidden")
    (tmp_path / "in" / "way").symlink_to(tmp_path)
    (tmp_path / "in" / ".dockerignore").write_text("hidden\n")

    with pytest.raises(MisuseError, match=words) as caught:
        found(tmp_path / "in", "RUN true", line)

    assert caught.value.message.startswith("line 3 ")


def test_a_link_in_the_context_brings_what_it_leads_to(tmp_path: Path) -> None:
    write(tmp_path, "real/a", "real/b", "rest")
    (tmp_path / "link").symlink_to("real")

    context = found(tmp_path, "COPY link/a /app")

    assert names(context) == ["real/a"]
    assert names(context, kind=EntryKind.LINK) == ["link"]


def test_links_that_go_round_end(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")

    with pytest.raises(MisuseError):
        found(tmp_path, "COPY a /app")


def test_what_only_the_build_can_tell_takes_everything(tmp_path: Path) -> None:
    write(tmp_path, "one/a", "two/b")

    assert names(found(tmp_path, "ARG WHICH=one", "COPY ${WHICH}/ /app")) == ["one/a", "two/b"]


def test_dockerignore_counts_and_a_dockerfile_has_its_own(tmp_path: Path) -> None:
    write(tmp_path, "a.py", "a.log", "logs/x.log", "logs/keep.log", "node_modules/m/index.js", "Dockerfile")
    (tmp_path / ".dockerignore").write_text(
        "# build\n**/*.log\n!logs/keep.log\nnode_modules\n/Dockerfile\n.dockerignore\n"
    )

    context = found(tmp_path, "COPY . /app")

    assert names(context) == ["a.py", "logs/keep.log"]
    assert context.ignored == 5
    (tmp_path / "Dockerfile.dockerignore").write_text("*\n!a.py\n")
    own = survey("FROM x\nCOPY . /app", tmp_path, dockerfile=tmp_path / "Dockerfile")
    assert names(own) == ["a.py"]


@pytest.mark.parametrize(
    ("patterns", "path", "is_out"),
    [
        ("a", "a/b/c", True),
        ("a", "b/a", False),
        ("**/a", "b/c/a", True),
        ("*/a", "b/a", True),
        ("*/a", "b/c/a", False),
        ("*.md\n!README.md", "README.md", False),
        ("!README.md\n*.md", "README.md", True),
        ("docs\n!docs/keep", "docs/keep", False),
        ("docs/**", "docs/x", True),
        ("./docs/", "docs/x", True),
        ("", "x", False),
        ("#x", "#x", False),
    ],
)
def test_patterns_of_dockerignore(patterns: str, path: str, is_out: bool) -> None:
    assert DockerIgnore(patterns).leaves_out(tuple(path.split("/"))) is is_out


def test_an_unreadable_dockerignore_is_no_empty_one(tmp_path: Path) -> None:
    write(tmp_path, "a")
    (tmp_path / ".dockerignore").mkdir()

    with pytest.raises(MisuseError, match="dockerignore cannot be read"):
        found(tmp_path, "COPY . /app")


def test_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, *(f"f{number}" for number in range(5)))
    monkeypatch.setattr(context_survey, "MOST_FILES", 4)
    with pytest.raises(MisuseError, match="more than 4 files"):
        found(tmp_path, "COPY . /app")
    monkeypatch.setattr(context_survey, "MOST_FILES", 100)
    monkeypatch.setattr(context_survey, "LARGEST_BYTES", 9)
    with pytest.raises(MisuseError, match="more than"):
        found(tmp_path, "COPY . /app")


def test_a_name_that_is_no_text_stays_here(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"bad\xff")).write_text("x")

    context = found(tmp_path, "COPY . /app")

    assert context.entries == ()
    assert "not UTF-8" in context.left_out[0]


def test_a_survey_stops(tmp_path: Path) -> None:
    write(tmp_path, "a/b")
    stop = threading.Event()
    stop.set()

    with pytest.raises(Stopped):
        survey("FROM x\nCOPY . /app", tmp_path, stop=stop)


@pytest.mark.parametrize(
    "name",
    [".env", "app/.env.production", "ID_RSA", "tls/server.key", ".git/config", "home/.ssh/known_hosts", "x.tfstate",
     ".npmrc", "credentials.json"],
)  # fmt: skip
def test_secrets_are_suspected(name: str) -> None:
    assert looks_secret(name)


@pytest.mark.parametrize("name", [".env.example", "src/key.py", "id_rsa.pub", "environment.yml", ".gitignore", "a.py"])
def test_ordinary_files_are_not(name: str) -> None:
    assert not looks_secret(name)


def test_suspects_are_named_shortly() -> None:
    many = (".env", ".git/HEAD", ".git/objects/a", "a.key", "b.key", "c.key", "d.key")

    assert suspect_words(many) == ".env, .git/, a.key, b.key and 2 more"


async def test_an_archive_is_what_was_found_and_always_the_same(tmp_path: Path) -> None:
    write(tmp_path, "a", "deep/" + "n" * 180 + "/ä")
    (tmp_path / "large").write_bytes(os.urandom(3 << 20))
    (tmp_path / "link").symlink_to("a")
    first, again = (ContextArchive(found(tmp_path, "COPY . /app")) for _ in range(2))

    before = await first.digest()
    assert before == await again.digest()
    packed = b"".join([piece async for piece in first.pieces()])

    with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
        members: Mapping[str, tarfile.TarInfo] = {member.name: member for member in tar}
        large = tar.extractfile("large")
        assert large is not None
        assert large.read() == (tmp_path / "large").read_bytes()
    assert members["link"].linkname == "a"
    assert f"deep/{'n' * 180}/ä" in members
    assert {(member.uid, member.mtime) for member in members.values()} == {(0, 0)}
    (tmp_path / "a").write_text("b")
    assert before != await ContextArchive(found(tmp_path, "COPY . /app")).digest()


async def test_a_file_that_changes_on_the_way_is_told(tmp_path: Path) -> None:
    write(tmp_path, "a")
    archive = ContextArchive(found(tmp_path, "COPY . /app"))
    await archive.digest()
    (tmp_path / "a").write_text("z")
    with pytest.raises(TransferError, match="changed"):
        [piece async for piece in archive.pieces()]

    (tmp_path / "a").unlink()
    (tmp_path / "a").symlink_to("/etc/passwd")
    with pytest.raises(TransferError, match="changed"):
        await archive.digest()


async def test_a_directory_that_becomes_a_link_leads_nowhere(tmp_path: Path) -> None:
    write(tmp_path, "context/deep/below/a", "elsewhere/below/a")
    archive = ContextArchive(found(tmp_path / "context", "COPY . /app"))
    assert await archive.digest()

    (tmp_path / "context/deep").rename(tmp_path / "context/old")
    (tmp_path / "context/deep").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(TransferError, match="changed"):
        await archive.digest()


def test_a_dockerignore_that_is_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    write(tmp_path, "a")
    os.mkfifo(tmp_path / ".dockerignore")

    with pytest.raises(MisuseError, match="no regular file"):
        found(tmp_path, "COPY a /app")


def test_what_goes_away_while_it_is_looked_at_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "d/a", "d/b")
    asked = DockerIgnore.leaves_out

    def removing(self: DockerIgnore, parts: tuple[str, ...]) -> bool:
        if parts == ("d", "a"):
            (tmp_path / "d/a").unlink()
        return asked(self, parts)

    monkeypatch.setattr(DockerIgnore, "leaves_out", removing)
    with pytest.raises(MisuseError, match="d/a cannot be read"):
        found(tmp_path, "COPY d /app")
