"""The synchronous client on its main paths, as a program: address and key come on standard input, each step asserts."""

from __future__ import annotations

import sys
import tempfile
import warnings
from pathlib import Path

from daytona import (
    CreateSandboxFromSnapshotParams,
    Daytona,
    DaytonaConfig,
    DaytonaNotFoundError,
    ListSandboxesQuery,
    PtySize,
    Sandbox,
    SessionExecuteRequest,
)


def commands(sandbox: Sandbox) -> None:
    answer = sandbox.process.exec("echo $GIVEN; exit 3", env={"GIVEN": "value"})
    assert (answer.exit_code, answer.result.strip()) == (3, "value")
    assert sandbox.process.code_run("print(6 * 7)").result.strip() == "42"
    sandbox.process.create_session("s")
    sandbox.process.execute_session_command("s", SessionExecuteRequest(command="export KEPT=yes; cd /tmp"))
    done = sandbox.process.execute_session_command("s", SessionExecuteRequest(command="echo $KEPT; pwd"))
    assert done.stdout == "yes\n/tmp\n", done
    assert done.cmd_id is not None
    assert sandbox.process.get_session_command_logs("s", done.cmd_id).stdout == "yes\n/tmp\n"
    assert [each.exit_code for each in sandbox.process.get_session("s").commands] == [0, 0]
    sandbox.process.delete_session("s")
    assert sandbox.process.list_sessions() == []


def files(sandbox: Sandbox) -> None:
    data = bytes(range(256)) * 1000
    sandbox.fs.create_folder("folder", "755")
    sandbox.fs.upload_file(data, "folder/file")
    assert sandbox.fs.download_file("folder/file") == data
    with tempfile.TemporaryDirectory() as directory:
        local = Path(directory, "local")
        sandbox.fs.download_file("folder/file", str(local))
        assert local.read_bytes() == data
        sandbox.fs.upload_file(str(local), "again")
    assert {each.name: each.size for each in sandbox.fs.list_files(".") if not each.is_dir} == {"again": len(data)}
    sandbox.fs.move_files("again", "moved")
    sandbox.fs.delete_file("folder", recursive=True)
    assert sandbox.process.exec("ls").result.strip() == "moved"


def terminal(sandbox: Sandbox) -> None:
    shown = bytearray()
    handle = sandbox.process.create_pty_session("t", pty_size=PtySize(cols=90, rows=30))
    handle.wait_for_connection()
    handle.send_input("stty size; exit 6\n")
    result = handle.wait(on_data=shown.extend)
    assert b"30 90" in shown, bytes(shown)
    assert result.exit_code == 6, result


def git(sandbox: Sandbox) -> None:
    sandbox.git.init("repository", initial_branch="main")
    sandbox.fs.upload_file(b"content", "repository/file")
    assert [each.name for each in sandbox.git.status("repository").file_status] == ["file"]
    sandbox.git.add("repository", ["file"])
    done = sandbox.git.commit("repository", "first", "Ada", "ada@example.com")
    assert sandbox.process.exec("git -C repository rev-parse HEAD").result.strip() == done.sha
    assert sandbox.git.branches("repository").branches == ["main"]


def life(daytona: Daytona, sandbox: Sandbox) -> None:
    sandbox.set_labels({"only": "this"})
    assert daytona.get("synchronous").labels == {"only": "this"}
    sandbox.stop(timeout=30)
    assert [each.state.value for each in daytona.list(ListSandboxesQuery(labels={"only": "this"})) if each.state] == [
        "stopped"
    ]
    sandbox.start(timeout=30)
    assert sandbox.process.exec("ls").exit_code == 0
    sandbox.delete(timeout=30)
    try:
        daytona.get("synchronous")
    except DaytonaNotFoundError:
        return
    raise AssertionError("it is still there")


def catalogue(daytona: Daytona) -> None:
    assert "daytona-medium" in {each.name for each in daytona.snapshot.list().items}
    volume = daytona.volume.get("synchronous", create=True)
    assert [each.name for each in daytona.volume.list()] == ["synchronous"]
    daytona.volume.delete(daytona.volume.get(volume.name))
    assert daytona.volume.list() == []


def main(api_url: str, api_key: str) -> None:
    warnings.simplefilter("ignore")
    config = DaytonaConfig(api_key=api_key, api_url=api_url, target="us", use_deprecated_polling=True)
    daytona = Daytona(config)
    asked = CreateSandboxFromSnapshotParams(name="synchronous", labels={"team": "red"})
    sandbox = daytona.create(asked)
    for step in (commands, files, terminal, git):
        step(sandbox)
        sys.stdout.write(f"{step.__name__}\n")
    life(daytona, sandbox)
    sys.stdout.write("life\n")
    catalogue(daytona)
    sys.stdout.write("catalogue\n")


if __name__ == "__main__":
    address, key = sys.stdin.read().split()
    main(address, key)
