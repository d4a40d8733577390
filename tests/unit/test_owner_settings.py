"""Rules of owners, and of what is mine, in the settings file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from daytona_tui.config.settings import Settings, read_settings
from daytona_tui.domain.mine import MineRules, is_mine
from daytona_tui.domain.owners import Confidence, go_by, owner_of
from daytona_tui.domain.ports import Identity
from daytona_tui.domain.sandbox import Sandbox, SandboxId, SandboxState
from daytona_tui.errors import ConfigError

NOBODY = Identity()


def read(tmp_path: Path, text: str) -> Settings:
    file = tmp_path / "config.toml"
    file.write_text(text)
    return read_settings({}, file=file)


def sandbox(name: str, **labels: str) -> Sandbox:
    return Sandbox(SandboxId("id"), name, SandboxState.STARTED, labels=labels, region="eu")


def test_without_rules_there_are_none(tmp_path: Path) -> None:
    settings = read(tmp_path, 'log_level = "info"\n')
    assert settings.owners == ()
    assert settings.mine == MineRules()


def test_rules_tell_owner_and_run(tmp_path: Path) -> None:
    text = """
    [[owners]]
    owner = "nightly"
    filter = "name:night-* label:stage=prod"
    run_label = "build"

    [[owners]]
    owner = "our ci"
    filter = "name:ci-* or region:eu snapshot:ci"
    run_in_name = "ci-{run}-*"
    """
    go_by(read(tmp_path, text).owners)
    try:
        night = owner_of(sandbox("night-3", stage="prod", build="77"))
        assert (night.name, night.run, night.confidence) == ("nightly", "77", Confidence.USER)
        assert "name:night-*" in night.why
        other = owner_of(sandbox("ci-9-b"))
        assert (other.name, other.run) == ("our ci", "9")
        assert owner_of(sandbox("night-3", stage="dev")).name == ""
    finally:
        go_by(())


def test_what_is_mine_is_said_by_owner_by_label_or_by_filter(tmp_path: Path) -> None:
    text = """
    [mine]
    owners = ["Hermes", "ana@example.org"]
    labels = ["team=ml", "pet"]
    filter = "name:mine-* state:started"
    """
    rules = read(tmp_path, text).mine

    def mine(each: Sandbox) -> bool:
        return is_mine(each, owner_of(each), None, NOBODY, rules)

    assert mine(sandbox("hermes-1"))
    assert mine(sandbox("x", team="ml"))
    assert mine(sandbox("x", pet="anything"))
    assert mine(sandbox("mine-1"))
    assert not mine(replace(sandbox("mine-1"), state=SandboxState.UNKNOWN))
    assert not mine(sandbox("x", team="other"))
    assert not mine(sandbox("x"))


OWNER = '[[owners]]\nowner = "ci"\n'


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("owners = 3", "owners is not a list"),
        ('owners = ["ci"]', "owners is not a list"),
        ("[owners]\na = 1", "owners is not a list"),
        (OWNER, "rule 1 has no filter"),
        ('[[owners]]\nfilter = "name:ci-*"', "rule 1 has no owner"),
        (OWNER + 'filter = ""', "filter is empty"),
        (OWNER + 'filter = "   "', "filter is empty"),
        (OWNER + "filter = 3", "filter is not text"),
        (OWNER + 'filter = "name:("', "is no filter"),
        (OWNER + 'filter = "nosuch:x"', "is no filter"),
        (OWNER + 'filter = "name:*"', "nearly every sandbox"),
        (OWNER + 'filter = "state:started or !state:started"', "nearly every sandbox"),
        (OWNER + 'filter = "cpu>=0"', "nearly every sandbox"),
        (OWNER + 'filter = "!label:keep"', "of which nothing is known"),
        (OWNER + 'filter = "state:unknown"', "of which nothing is known"),
        (OWNER + 'filter = "owner:harbor"', "cannot ask for owner here"),
        (OWNER + 'filter = "name:a* run:7"', "cannot ask for run here"),
        (OWNER + 'filter = "ci"', "cannot ask for plain words here"),
        (OWNER + 'filter = "age>2h name:a*"', "cannot ask for age here"),
        (OWNER + 'filter = "stuck"', "cannot ask for stuck here"),
        (OWNER + 'filter = "$>1"', "cannot ask for \\$ here"),
        (OWNER + 'filter = "name:ci-*"\nrun_in_name = "ci-*"', "run_in_name has to have"),
        (OWNER + 'filter = "name:ci-*"\nrun_in_name = "ci-{run}*"', "run_in_name has to have something"),
        (OWNER + 'filter = "name:ci-*"\nrun_label = ""', "run_label is not a name"),
        (OWNER + 'filter = "name:ci-*"\nregex = "x"', "there is no 'regex'"),
        ('[[owners]]\nowner = ""\nfilter = "name:ci-*"', "owner is not a name"),
        ('[[owners]]\nowner = "a\\u001b[31m"\nfilter = "name:ci-*"', "owner is not a name"),
        (f'[[owners]]\nowner = "{"x" * 61}"\nfilter = "name:ci-*"', "owner is not a name"),
        ((OWNER + 'filter = "name:ci-*"\n') * 101, "100 are the most"),
        ('mine = "me"', "mine is not a table"),
        ('[mine]\nowners = "me"', "mine: owners is not a list"),
        ('[mine]\nowners = [""]', "mine: owners is not a name"),
        ("[mine]\nlabels = [3]", "mine: labels is not text"),
        ('[mine]\nlabels = ["=x"]', "mine: labels has a label without"),
        ('[mine]\nlabels = ["team="]', "mine: labels has a label without"),
        ('[mine]\nlabels = ["code-toolbox-language"]', "that the SDKs set on every sandbox"),
        ('[mine]\nfilter = ""', "mine: filter is empty"),
        ('[mine]\nfilter = "name:*"', "mine: filter 'name:\\*' would mean nearly every"),
        ('[mine]\nfilter = "idle>1h"', "mine: filter 'idle>1h' cannot ask for idle"),
        ("[mine]\nall = true", "mine: there is no 'all'"),
    ],
)
def test_what_is_malformed_or_means_everything_is_refused_with_file_and_key(
    tmp_path: Path, text: str, where: str
) -> None:
    with pytest.raises(ConfigError, match=where) as refused:
        read(tmp_path, text)
    assert "config.toml" in refused.value.message
