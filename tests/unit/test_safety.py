"""The judgement, and the reading of what a hostile sandbox may answer."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daytona_tui.client.toolbox_status import git_status_from, ports_from, terminals_from
from daytona_tui.domain.inspection import ChangedFile, Terminal
from daytona_tui.domain.safety import Findings, FoundFile, Light, Repository, SafetyReport
from daytona_tui.domain.sandbox import Sandbox, SandboxId, SandboxState
from daytona_tui.errors import ProtocolError
from daytona_tui.operations.safety_survey import read_survey, survey_script

NOW = datetime(2026, 1, 2, tzinfo=UTC)
CLEAN = Repository("/w/a", ("/w/a/.git",), "main", (), 0, 0)
FILE = FoundFile("/w/f", 3, NOW)


def report(**findings: Any) -> SafetyReport:
    return SafetyReport(Sandbox(SandboxId("i"), "n", SandboxState.STARTED), NOW, Findings(**findings))


def test_nothing_found_is_safe() -> None:
    assert report().light is Light.SAFE
    assert report(repositories=(CLEAN,)).light is Light.SAFE
    assert report(volumes=("v at /data",)).light is Light.SAFE


@pytest.mark.parametrize(
    ("findings", "light"),
    [
        ({"repositories": (Repository("/w", (), "", (ChangedFile("x"),), 0, 0),)}, Light.WOULD_LOSE),
        ({"repositories": (Repository("/w", (), "", (), 1, 0),)}, Light.WOULD_LOSE),
        ({"repositories": (Repository("/w", (), "", (), 0, 1),)}, Light.WOULD_LOSE),
        ({"repositories": (Repository("/w", (), "", (), None, 0),)}, Light.CAREFUL),
        ({"repositories": (Repository("/w", (), "", (), 0, None),)}, Light.CAREFUL),
        ({"commands": ("make",)}, Light.CAREFUL),
        ({"programs": ("python",)}, Light.CAREFUL),
        ({"terminals": (Terminal("t", True),)}, Light.CAREFUL),
        ({"ports": (3000,)}, Light.CAREFUL),
        ({"forks": ("child",)}, Light.CAREFUL),
        ({"unseen": ("nobody knows",)}, Light.CAREFUL),
        ({"files": (FILE,)}, Light.CAREFUL),
        ({"files": (FoundFile("/w/f", 3, NOW, is_late=True),)}, Light.WOULD_LOSE),
    ],
)
def test_each_finding_has_its_light(findings: dict[str, Any], light: Light) -> None:
    assert report(**findings).light is light


@given(st.lists(st.sampled_from([{"unseen": ("x",)}, {"ports": (1,)}, {"volumes": ("v",)}, {"files": (FILE,)}])))
def test_a_finding_more_never_makes_it_safer(parts: list[dict[str, Any]]) -> None:
    ranks = list(Light)
    merged: dict[str, Any] = {}
    before = Light.SAFE
    for part in parts:
        merged |= part
        light = report(**merged).light
        assert ranks.index(light) >= ranks.index(before)
        before = light


def test_what_would_be_lost_is_what_is_rescued() -> None:
    lost = Repository("/w/b", ("/w/b/.git",), "main", (ChangedFile("x"), ChangedFile("gone", True)), 0, 0)

    told = report(repositories=(CLEAN, lost), files=(FILE,))

    assert told.stores == ("/w/b/.git",)
    assert told.files == ("/w/b/x", "/w/f")


@given(st.text())
def test_an_answer_of_any_kind_is_incomplete_rather_than_nothing(output: str) -> None:
    survey = read_survey(output, "mark")

    assert survey.gaps


@given(st.lists(st.text(alphabet=st.characters(blacklist_characters="\0"), max_size=20), max_size=20))
def test_records_of_any_kind_never_raise(records: list[str]) -> None:
    body = "".join(f"{record}\0" for record in records)
    output = "".join(f"m {name}\0{body}m done\0\0" for name in ("repositories", "files", "programs"))

    read_survey(output, "m")


def test_a_part_that_was_cut_off_is_told() -> None:
    output = "m repositories\0m done\0\0m files\0" + "1 2 /w/a\0" * 3 + "1 2 /w/tr\0m programs\0m done\0\0"

    survey = read_survey(output, "m")

    assert survey.gaps == ["there are more files than were looked at, or some cannot be read"]
    assert len(survey.files) == 4


def test_a_shell_that_waits_is_no_program() -> None:
    body = "".join(f"{words}\0" for words in ("bash\x1f-l", "/bin/sh", "-bash", "sh\x1frun.sh", "sleep\x1finfinity"))
    output = f"m repositories\0m done\0\0m files\0m done\0\0m programs\0{body}m done\0\0"

    assert read_survey(output, "m").programs == ["sh run.sh"]


def test_a_script_quotes_the_directory() -> None:
    script, mark = survey_script("/w/it's; rm -rf $HOME", None)

    assert script.startswith(f"T={mark}; W='/w/it'\"'\"'s; rm -rf $HOME'; S=0\n")


@pytest.mark.parametrize(
    "told", [None, [], "text", 3, {}, {"fileStatus": "x"}, {"currentBranch": "main", "fileStatus": 3}]
)
def test_an_odd_status_is_no_clean_repository(told: object) -> None:
    with pytest.raises(ProtocolError):
        git_status_from(told)


def test_an_odd_file_of_a_status_counts_as_a_change() -> None:
    told = {
        "currentBranch": "main",
        "fileStatus": [3, {"name": "a", "staging": "Unmodified", "worktree": "Unmodified"}],
    }

    assert git_status_from(told).changed == (ChangedFile("?"),)


@pytest.mark.parametrize("told", [[], "x", 3, {"ports": "3000"}])
def test_odd_ports_are_an_error(told: object) -> None:
    with pytest.raises(ProtocolError):
        ports_from(told)


def test_ports_and_terminals_of_go() -> None:
    assert ports_from({"ports": None}) == ()
    assert ports_from({"ports": [8080, 3000, "x", 3000]}) == (3000, 8080)
    assert terminals_from({"sessions": None}) == ()
    assert terminals_from({"sessions": [{"id": "t", "active": False}, 3]}) == (Terminal("t", False),)
