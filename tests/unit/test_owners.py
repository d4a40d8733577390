"""Who made a sandbox, read from its marks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from daytona_tui.domain.owners import LABEL_RULES, NAME_RULES, PERSON_LABELS, Confidence, LabelRule, Owner, owner_of
from daytona_tui.domain.sandbox import Sandbox, SandboxId, SandboxState


def sandbox(name: str = "x", **labels: str) -> Sandbox:
    return Sandbox(SandboxId("id"), name, SandboxState.STARTED, labels=labels)


@pytest.mark.parametrize("rule", LABEL_RULES, ids=lambda rule: f"{rule.key}{rule.value}")
def test_every_label_rule_hits(rule: LabelRule) -> None:
    key = f"{rule.key}x" if rule.key.endswith((".", "_", "-")) else rule.key

    owner = owner_of(sandbox(**{key: rule.value or "v", **({rule.run_key: "run-1"} if rule.run_key else {})}))

    assert owner.name == rule.owner
    assert owner.confidence is Confidence.CERTAIN
    if rule.run_key and rule.run_key != key:
        assert owner.run == "run-1"


@pytest.mark.parametrize(("prefix", "name"), NAME_RULES)
def test_every_name_rule_hits(prefix: str, name: str) -> None:
    assert owner_of(sandbox(f"{prefix}1")).name == name


@pytest.mark.parametrize("key", PERSON_LABELS)
def test_a_person_is_an_owner_where_no_framework_is(key: str) -> None:
    assert owner_of(sandbox(**{key: "ana"})) == Owner("ana", "", f"label {key}", Confidence.LIKELY)
    assert owner_of(sandbox(**{key: ""})) == Owner()


def test_a_snapshot_tells_and_what_tells_nothing_is_nobodys() -> None:
    assert owner_of(replace(sandbox(), snapshot="harbor__abc__snapshot")).name == "harbor"
    assert owner_of(replace(sandbox(), snapshot="harbor__snapshot")) == Owner()
    assert owner_of(sandbox(unrelated="x")) == Owner()


def test_another_record_with_the_same_id_has_an_owner_of_its_own() -> None:
    first = sandbox(owner="ana")
    assert owner_of(first).name == "ana"

    assert owner_of(replace(first, labels={"owner": "bo"})).name == "bo"
    assert owner_of(first).name == "ana"
