"""A disk that fills, or takes no file of that size: what is there is whole, and the rest is told."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.cli.conftest import COMMAND, Outcome, Run, finish

_OWN_DISK = ["unshare", "--map-root-user", "--mount", "sh", "-c"]


async def _shell(words: list[str], script: str, cwd: Path, env: dict[str, str]) -> Outcome:
    pull = f"{COMMAND} pull scratch:box/"
    whole = {**os.environ, **env}
    process = await asyncio.create_subprocess_exec(
        *words, script.replace("PULL", pull), cwd=cwd, env=whole, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    return await finish(process)


def _has_own_disks() -> bool:
    if shutil.which("unshare") is None:
        return False
    return subprocess.run([*_OWN_DISK, "mount -t tmpfs none /mnt"], capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not _has_own_disks(), reason="nobody but root may mount a disk here")
async def test_a_disk_that_fills_holds_nothing_half_and_takes_the_rest_later(
    run: Run, tmp_path: Path, env: dict[str, str]
) -> None:
    planted = await run("exec", "scratch", "--", "mkdir -p box && cd box && for i in $(seq 600); do echo $i > $i; done")
    assert planted.code == 0
    (tmp_path / "disk").mkdir()
    # A file takes a page, however short it is: what is there to be copied does not tell that it will not fit.
    outcome = await _shell(
        _OWN_DISK,
        """
        mount -t tmpfs -o size=1200k none disk; cd disk; ls -A >&2
        PULL out; echo "code $?"
        test -e out && echo there
        mount -o remount,size=20m .
        PULL out; echo "code $?"
        ls -A; cat out/* | sort -n | uniq | wc -l
        """,
        tmp_path,
        env,
    )

    assert outcome.out.decode().split() == ["code", "6", "out", "code", "0", "out", "600"]
    assert "no space left" in outcome.err
    assert "goes on from what is kept in" in outcome.err
    assert "had arrived before" in outcome.err


async def test_a_file_that_is_too_large_for_this_disk_fails_alone(
    run: Run, tmp_path: Path, env: dict[str, str]
) -> None:
    planted = await run("exec", "scratch", "--", "mkdir -p box && cd box && head -c 3000000 /dev/zero > big; echo > a")
    assert planted.code == 0

    outcome = await _shell(["sh", "-c"], "ulimit -f 1000; PULL out", tmp_path, env)

    assert outcome.code == 6
    assert "big" in outcome.err
    assert "too large" in outcome.err
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["a"]
