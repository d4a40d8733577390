"""Commands of the user's own: what of a sandbox gets into them, and what in the settings is no command."""

from __future__ import annotations

import asyncio
import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daytona_tui.config.custom import custom_commands
from daytona_tui.config.settings import read_settings
from daytona_tui.domain.custom_commands import (
    CustomCommand,
    Place,
    environment,
    missing,
    needed,
    quoted,
    script,
    values_of,
)
from daytona_tui.domain.sandbox import Sandbox, SandboxId, SandboxState
from daytona_tui.errors import ConfigError
from daytona_tui.operations.local_commands import MOST_BYTES, run_local
from daytona_tui.ui.commands.catalog import COMMANDS
from daytona_tui.ui.commands.custom import customs_of, with_customs
from daytona_tui.ui.commands.rebinding import keymap_of


def sandbox(name: str = "api-1", **labels: str) -> Sandbox:
    return Sandbox(SandboxId("id-1"), name, SandboxState.STARTED, region="us", labels=labels)


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("echo $NAME", 'echo "${NAME}"'),
        ("echo ${NAME}x$ID", 'echo "${NAME}"x"${ID}"'),
        ('echo "$NAME"', 'echo "$NAME"'),
        ("echo '$NAME'", "echo '$NAME'"),
        ("echo \\$NAME", "echo \\$NAME"),
        ("""echo 'it''s' "a'b" $NAME""", """echo 'it''s' "a'b" "${NAME}\""""),
        ("echo $HOME $NAMES $LABEL_", "echo $HOME $NAMES $LABEL_"),
        ("echo $LABEL_team-x", 'echo "${LABEL_team}"-x'),
        ("echo ${LABEL_team:-none}", "echo ${LABEL_team:-none}"),
        ("echo $$ $? $( echo $ID )", 'echo $$ $? $( echo "${ID}" )'),
        ("echo $", "echo $"),
        ("# don't\necho $NAME # it's $ID", "# don't\necho \"${NAME}\" # it's $ID"),
        ("echo a#'$NAME'", "echo a#'$NAME'"),
    ],
)
def test_variables_outside_of_quotes_are_put_between_some(line: str, shown: str) -> None:
    assert quoted(line) == shown


def test_what_a_line_needs_is_known_before_it_runs() -> None:
    assert needed("a $NAME ${LABEL_x} ${LABEL_y:-} '$LABEL_z' $LABEL_x") == ("NAME", "LABEL_x")
    assert missing("echo $LABEL_team $LABEL_a_b", sandbox(**{"a.b": "1"})) == "it has no label team"
    assert missing("echo ${LABEL_team:-none} $NAME", sandbox()) == ""
    values = values_of(sandbox(**{"a.b": "dotted", "a_b": "exact", "a-b": "dashed"}))
    assert values["LABEL_a_b"] == "exact"
    assert values["STATE"] == "started"


@pytest.mark.parametrize("line", ["# don't\necho $NAME", "sh -c 'echo $NAME'", "cat <<X\n$NAME\nX\n# '$NAME"])
def test_no_line_runs_without_the_values_that_it_mentions(line: str) -> None:
    for words, env in (
        (["/bin/sh", "-c", quoted(line)], environment(sandbox(), os.environ)),
        (["/bin/sh", "-c", script(line, sandbox())], dict(os.environ)),
    ):
        assert "api-1" in subprocess.run(words, env=env, capture_output=True, check=True, text=True).stdout


HOSTILE = st.text(max_size=30) | st.sampled_from(
    [
        "$(touch pwned)",
        "`touch pwned`",
        "'; touch pwned; '",
        '"; touch pwned; "',
        "a b  *",
        "-n",
        "\n touch pwned",
        "\\",
    ]
)


@settings(max_examples=40, deadline=None)
@given(HOSTILE)
def test_no_value_is_ever_read_by_a_shell(value: str) -> None:
    one = sandbox(value, team=value)
    line = """printf '%s|' $NAME "$LABEL_team" x${LABEL_team}x"""
    told = values_of(one)["NAME"]

    for words, env in (
        (["/bin/sh", "-c", quoted(line)], environment(one, os.environ)),
        (["/bin/sh", "-c", script(line, one)], dict(os.environ)),
    ):
        done = subprocess.run(words, env=env, capture_output=True, check=True, cwd="/")
        assert done.stdout == f"{told}|{told}|x{told}x|".encode()
        assert not Path("/pwned").exists()


def test_a_command_of_the_settings_is_taken_as_it_stands() -> None:
    table = {"name": "Disk", "remote": "df -h", "key": "f7", "scope": "Logs", "confirm": True, "marked": True}

    (command,) = custom_commands([table], "file x")

    assert command == CustomCommand(
        1, "Disk", "df -h", Place.REMOTE, key="f7", scope="logs", confirm=True, on_marked=True
    )


@pytest.mark.parametrize(
    ("tables", "words"),
    [
        ({}, ("commands is not a list of tables",)),
        ([3], ("not a list of tables",)),
        ([{}], ("number 1 has no name",)),
        ([{"name": "A", "run": "x"}, {"name": "B"}], ("number 2 ('B') has neither run nor remote",)),
        ([{"name": "B", "run": "x", "remote": "y"}], ("has both run and remote",)),
        ([{"name": "B", "run": "x", "rum": "y"}], ("number 1 ('B'): there is no 'rum'",)),
        ([{"name": "B", "run": " "}], ("number 1 ('B'): run is not a line",)),
        ([{"name": "B", "run": "x\0y"}], ("run is not a line",)),
        ([{"name": "a\nb", "run": "x"}], ("name is not a text of 1 to 40",)),
        ([{"name": "B", "run": "x", "scope": "fleet"}], ("scope is not one of everywhere",)),
        ([{"name": "B", "run": "x", "confirm": "yes"}], ("confirm is neither true nor false",)),
        ([{"name": "B", "remote": "x", "reads": True}], ("reads is for run, not for remote",)),
        ([{"name": "B", "run": 3}], ("run is not text",)),
        ([{"name": "B", "run": "x"}] * 101, ("101 entries",)),
    ],
)
def test_what_is_no_command_is_named_at_its_place(tables: object, words: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError) as raised:
        custom_commands(tables, "file x")

    assert all(word in raised.value.message for word in ("file x: commands", *words))


def test_commands_come_from_the_settings_file(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[[commands]]\nname = "Say"\nrun = "echo $NAME"\n\n[[commands]]\nname = "Disk"\nremote = "df"\n')

    assert [each.name for each in read_settings({}, file=file).commands] == ["Say", "Disk"]


def test_a_key_that_is_taken_is_told_and_the_command_goes_without() -> None:
    def custom(number: int, key: str, scope: str = "everywhere") -> CustomCommand:
        return CustomCommand(number, f"no. {number}", "true", key=key, scope=scope)

    customs = [
        custom(1, "f7"),
        custom(2, "f7", "logs"),
        custom(3, "s"),
        custom(4, "s", "logs"),
        custom(5, "j"),
        custom(6, "hyper+wrong"),
        custom(7, "x", "logs"),
        custom(8, ""),
    ]
    keymap = with_customs(keymap_of({"stop": "f9"}), customs)

    assert {key: keymap.keys[f"custom-{key}"] for key in range(1, 9)} == {
        1: ("f7",), 2: (), 3: (), 4: (), 5: (), 6: (), 7: ("x",), 8: (),
    }  # fmt: skip
    said = "\n".join(keymap.problems)
    for words in ("number 2 ('no. 2'): f7 is the key of custom-1", "s is the key of start", "j belongs to every list",
                  "'hyper+wrong' is no key"):  # fmt: skip
        assert words in said
    commands = [command for command, _ in customs_of(keymap, customs)]
    assert [command.footer > 0 for command in commands] == [True, False, False, False, False, False, True, False]
    assert not {command.id for command in commands} & {command.id for command in COMMANDS}


async def test_a_line_here_gives_its_output_and_exit_code_or_why_not() -> None:
    ended = await run_local("echo $NAME; echo oops >&2; exit 3", sandbox("$(id)"))
    assert (ended.exit_code, ended.output) == (3, "$(id)\noops\n")
    assert (await run_local("kill -9 $$", sandbox())).exit_code == 137
    assert (await run_local("cat", sandbox())).exit_code == 0  # there is no input
    much = await run_local(f"head -c {3 * MOST_BYTES} /dev/zero | tr '\\0' x; echo end", sandbox())
    assert len(much.output) == MOST_BYTES
    assert much.output.endswith("xend\n")


@pytest.mark.parametrize("child", ["sleep 60", "(trap '' TERM; sleep 60)"], ids=["kind", "deaf"])
async def test_what_is_given_up_is_ended_with_all_that_it_began(tmp_path: Path, child: str) -> None:
    pids = tmp_path / "pids"
    running = asyncio.create_task(
        run_local(f"{child} & echo $! $$ > {pids}.new; mv {pids}.new {pids}; wait", sandbox())
    )
    async with asyncio.timeout(10):
        while not pids.exists():  # noqa: ASYNC110 - a program tells by it
            await asyncio.sleep(0.01)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    async with asyncio.timeout(10):  # who is killed is not gone in the same moment
        while any(is_alive(int(pid)) for pid in pids.read_text().split()):  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.01)


def is_alive(pid: int) -> bool:
    """Return whether a process runs; one that nobody has buried does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
