"""Several pulls at once into directories that are not there yet."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from daytona_tui.domain.transfers import ConflictPolicy
from daytona_tui.transfer.staging import Staging

AT_ONCE = 8


def test_pulls_that_make_the_same_directories_do_not_disturb_one_another(tmp_path: Path) -> None:
    def pull(number: int) -> Path:
        target = tmp_path / f"round-{number // AT_ONCE}" / "pulled" / f"sandbox-{number}"
        staging = Staging(target)
        staging.open()
        (staging.contents / "a.txt").write_text("it arrived")
        if number % 2:
            assert staging.settle(ConflictPolicy.SKIP) == []
        staging.discard()
        return target

    with ThreadPoolExecutor(AT_ONCE) as threads:
        targets = list(threads.map(pull, range(AT_ONCE * 100)))

    assert all((target / "a.txt").is_file() for target in targets[1::2])
    assert not any(target.exists() for target in targets[::2])
    left = {path.name for path in tmp_path.glob("round-*/pulled/*")}
    assert left == {target.name for target in targets[1::2]}
