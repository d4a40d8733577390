"""What the settings file says of leaks: every entry is checked, and an error names file and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from daytona_tui.config.settings import read_settings
from daytona_tui.domain.leaks import LeakPolicy
from daytona_tui.domain.leaks.codes import WEIGHTS
from daytona_tui.domain.sandbox import SandboxState
from daytona_tui.errors import ConfigError


def policy(tmp_path: Path, text: str) -> LeakPolicy:
    file = tmp_path / "config.toml"
    file.write_text(text)
    return read_settings({}, file=file).leak_policy


def test_nothing_said_is_the_usual(tmp_path: Path) -> None:
    assert policy(tmp_path, "") == LeakPolicy()


def test_everything_can_be_said(tmp_path: Path) -> None:
    found = policy(
        tmp_path,
        """
        [leaks]
        idle_min = 240
        created_grace_min = 0
        quota_fraction = 0.9
        leak_at = 80
        off = ["own.none", "arch.forever"]
        inside = ["our-agents"]
        stuck_min = { starting = 20 }

        [leaks.weights]
        "run.overdue" = 60
        run.zombie = 50

        [[protect]]
        filter = "label:team=core"
        why = "the core team's"

        [[protect]]
        filter = "name:prod-*"
        """,
    )
    assert (found.idle_min, found.created_grace_min, found.quota_fraction, found.leak_at) == (240, 0, 0.9, 80)
    assert found.off == {"own.none", "arch.forever"}
    assert found.inside == {"our-agents"}
    assert found.stuck_min[SandboxState.STARTING] == 20
    assert found.stuck_min[SandboxState.DESTROYING] == LeakPolicy().stuck_min[SandboxState.DESTROYING]
    assert (found.weight("run.overdue"), found.weight("run.zombie"), found.weight("own.none")) == (60, 50, None)
    assert found.weight("run.gpu-idle") == WEIGHTS["run.gpu-idle"]
    assert [(rule.filter.text, rule.why) for rule in found.protects] == [
        ("label:team=core", "the core team's"),
        ("name:prod-*", ""),
    ]


def test_harbor_may_keep_its_jobs_elsewhere(tmp_path: Path, home: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('harbor_jobs = ["~/evals/jobs", "/srv/jobs"]')
    assert read_settings({}, file=file).harbor_jobs == (home / "evals" / "jobs", Path("/srv/jobs"))


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("harbor_jobs = '~/jobs'", "harbor_jobs"),
        ("harbor_jobs = ['']", "harbor_jobs"),
        ("harbor_jobs = [3]", "harbor_jobs"),
        ("leaks = 3", "leaks"),
        ("[leaks]\nidle_min = -5", "leaks.idle_min"),
        ("[leaks]\nidle_min = 0", "leaks.idle_min"),
        ("[leaks]\nidle_min = '2h'", "leaks.idle_min"),
        ("[leaks]\nidle_min = true", "leaks.idle_min"),
        ("[leaks]\nidle_min = 2.5", "leaks.idle_min"),
        ("[leaks]\nidle_min = 99999999999", "leaks.idle_min"),
        ("[leaks]\nstopped_min = -1", "leaks.stopped_min"),
        ("[leaks]\ncreated_grace_min = -1", "leaks.created_grace_min"),
        ("[leaks]\nidel_min = 5", "leaks.idel_min"),
        ("[leaks]\nquota_fraction = 80", "leaks.quota_fraction"),
        ("[leaks]\nquota_fraction = nan", "leaks.quota_fraction"),
        ("[leaks]\nquota_fraction = true", "leaks.quota_fraction"),
        ("[leaks]\nsuspect_at = 90", "suspect_at"),
        ("[leaks]\nleak_at = 101", "leak_at"),
        ("[leaks]\nuntidy_at = 0", "untidy_at"),
        ("[leaks]\noff = ['run.overdoo']", "run.overdoo"),
        ("[leaks]\noff = 'run.overdue'", "leaks.off"),
        ("[leaks]\noff = [3]", "leaks.off"),
        ("[leaks.weights]\n'run.overdoo' = 3", "run.overdoo"),
        ("[leaks.weights]\nrun.overdue = -3", "run.overdue"),
        ("[leaks.weights]\nrun.overdue = 101", "run.overdue"),
        ("[leaks.weights]\nrun.overdue = 'much'", "run.overdue"),
        ("[leaks]\nweights = []", "leaks.weights"),
        ("[leaks.stuck_min]\nstarted = 5", "started"),
        ("[leaks.stuck_min]\nstarting = -5", "starting"),
        ("[leaks.stuck_min]\nstarting = 0", "starting"),
        ("[leaks]\nprotects = []", "leaks.protects"),
        ("[protect]\nfilter = 'name:a'", "protect"),
        ("[[protect]]\nwhy = 'because'", "rule 1"),
        ("[[protect]]\nfilter = ''", "filter"),
        ("[[protect]]\nfilter = '  '", "filter"),
        ("[[protect]]\nfilter = '*'", "filter"),
        ("[[protect]]\nfilter = 'age>0s or name:x'", "filter"),
        ("[[protect]]\nfilter = 'name:a or'", "filter"),
        ("[[protect]]\nfilter = 7", "filter"),
        ("[[protect]]\nfilter = 'name:a'\nwhy = 7", "why"),
        ("[[protect]]\nfilter = 'name:a'\nwhy = \"a\\u001b[2J\"", "why"),
        ("[[protect]]\nfilter = 'name:a'\nfilters = 'name:b'", "filters"),
    ],
)
def test_what_is_wrong_is_told_with_file_and_key(tmp_path: Path, text: str, key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        policy(tmp_path, text)
    assert key in caught.value.message
    assert "config.toml" in caught.value.message
