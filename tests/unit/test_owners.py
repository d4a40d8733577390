"""Who made a sandbox, read from its marks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daytona_tui.domain.audit import AuditTrail
from daytona_tui.domain.owners import (
    LABEL_RULES,
    NAME_RULES,
    PERSON_LABELS,
    SHAPE_RULES,
    Confidence,
    LabelRule,
    Owner,
    UserRule,
    go_by,
    learn,
    owner_of,
)
from daytona_tui.domain.ownership.rules import Labelling, NameRule, Naming, ShapeRule
from daytona_tui.domain.ownership.run_names import RunInName
from daytona_tui.domain.sandbox import Lifetimes, Sandbox, SandboxId, SandboxState

UUID = "0f1e2d3c-4b5a-4678-9abc-def012345678"
PYTHON = {"code-toolbox-language": "python"}
UNSEEN = Lifetimes()


def sandbox(name: str = "x", **labels: str) -> Sandbox:
    """One with the SDK's label, of whose intervals nothing is known."""
    return Sandbox(SandboxId("id"), name, SandboxState.STARTED, labels=PYTHON | labels)


def lasting(lifetimes: Lifetimes, name: str = "x") -> Sandbox:
    """One with the SDK's label and these intervals."""
    return replace(sandbox(name), lifetimes=lifetimes)


@pytest.fixture(autouse=True)
def _no_rules_of_the_users() -> Iterator[None]:
    yield
    go_by(())


@pytest.mark.parametrize("rule", LABEL_RULES, ids=lambda rule: f"{rule.key}{rule.value}")
def test_every_label_rule_hits(rule: LabelRule) -> None:
    key = f"{rule.key}x" if rule.is_prefix else rule.key
    labels = {key: rule.value.replace("*", "1") or "v"}
    if rule.run_keys and rule.run_keys[0] not in labels:
        labels[rule.run_keys[0]] = f"run-1{rule.run_end}"
    if rule.also:
        labels[rule.also[0]] = rule.also[1].replace("*", "1")

    owner = owner_of(sandbox(**labels))

    assert (owner.name, owner.confidence) == (rule.owner, Confidence.CERTAIN)
    assert owner.why.removeprefix("label ") in labels
    if rule.run_keys:
        assert owner.run == labels[rule.run_keys[0]].removesuffix(rule.run_end)


@pytest.mark.parametrize("rule", LABEL_RULES, ids=lambda rule: f"{rule.key}{rule.value}")
def test_a_label_with_another_value_is_not_enough(rule: LabelRule) -> None:
    if rule.value:
        assert owner_of(sandbox(**{rule.key: f"not-{rule.value}"})).confidence is not Confidence.CERTAIN


@pytest.mark.parametrize("rule", NAME_RULES, ids=lambda rule: f"{rule.prefix}{rule.owner}")
def test_every_name_rule_hits(rule: NameRule) -> None:
    rest = UUID if rule.owner == "n8n" else "1"
    owner = owner_of(sandbox(f"{rule.prefix}{rest}"))

    assert (owner.name, owner.confidence) == (rule.owner, Confidence.LIKELY)
    assert owner.run == (rest if "run" in rule.rest.groupindex else "")
    assert not owner_of(sandbox(f"a-{rule.prefix}{rest}")).name


@pytest.mark.parametrize(
    ("snapshot", "name"),
    [
        ("harbor__abc__snapshot", "harbor"),
        ("harbor__abc__eu__snapshot", "harbor"),
        ("kortix-snap-12", "kortix"),
        ("agenta-agent-sandbox-v1", "agenta"),
        ("docker:28.3.3-dind", "harbor"),
        ("docker.io/library/docker:28-dind", "harbor"),
        ("harbor__snapshot", ""),
        ("my-harbor__abc__snapshot", ""),
        ("docker:28.3.3", ""),
    ],
)
def test_a_snapshot_tells(snapshot: str, name: str) -> None:
    assert owner_of(replace(sandbox(), snapshot=snapshot)).name == name


@pytest.mark.parametrize("key", PERSON_LABELS)
def test_a_person_is_an_owner_where_no_framework_is(key: str) -> None:
    assert owner_of(sandbox(**{key: "ana"})) == Owner("ana", "", f"label {key}", Confidence.LIKELY)
    assert owner_of(sandbox(**{key: ""})) == Owner()


def test_another_record_with_the_same_id_has_an_owner_of_its_own() -> None:
    first = sandbox(owner="ana")
    assert owner_of(first).name == "ana"

    assert owner_of(replace(first, labels={"owner": "bo"})).name == "bo"
    assert owner_of(first).name == "ana"


# Guesses


def shaped(rule: ShapeRule) -> Sandbox:
    """A sandbox that has the shape, and nothing else that tells."""

    def minutes(wanted: int | None) -> int:
        return 77 if wanted is None else wanted

    lifetimes = Lifetimes(minutes(rule.auto_stop), None, minutes(rule.auto_archive), minutes(rule.auto_delete))
    name = {Naming.ANY: "x", Naming.ID: "id", Naming.OTHER_UUID: UUID}[rule.naming]
    found = lasting(lifetimes, name)
    return replace(found, labels={"a": "b"}) if rule.labelling is Labelling.NO_LANGUAGE else found


@pytest.mark.parametrize("rule", SHAPE_RULES, ids=lambda rule: rule.why)
def test_every_shape_is_told_with_its_reason(rule: ShapeRule) -> None:
    assert owner_of(shaped(rule)) == Owner(rule.owner, "", rule.why, rule.confidence)


@pytest.mark.parametrize("rule", SHAPE_RULES, ids=lambda rule: rule.why)
def test_a_shape_that_is_not_known_whole_is_none(rule: ShapeRule) -> None:
    told = shaped(rule)
    if rule.labelling is not Labelling.ANY:
        assert owner_of(replace(told, oddities=("labels: missing",))).why != rule.why
    if (rule.auto_stop, rule.auto_archive, rule.auto_delete) != (None, None, None):
        assert owner_of(replace(told, lifetimes=UNSEEN)).why != rule.why


def test_every_negative_interval_is_off() -> None:
    plain = owner_of(lasting(Lifetimes(15, None, 10080, -5)))
    assert (plain.name, plain.confidence) == ("", Confidence.UNKNOWN)
    assert plain.why.startswith("defaults only")


def test_a_name_that_is_the_id_is_no_session_of_an_agent() -> None:
    one = replace(lasting(Lifetimes(0, None, 10080, -1), UUID), id=SandboxId(UUID))
    assert owner_of(one) == Owner()
    assert owner_of(replace(one, id=SandboxId("other"))).name == "openai-agents"


# Rules of the user's


def rule(owner: str, **fields: object) -> UserRule:
    return UserRule(owner, "name:ci-*", lambda each: each.name.startswith("ci-"), **fields)  # type: ignore[arg-type]


def test_rules_of_the_users_win_over_everything_but_labels_that_leave_no_doubt() -> None:
    by_name, by_label = sandbox("ci-7", owner="ana"), sandbox("ci-8", inspect_run_id="r")
    assert owner_of(by_name).name == "ana"

    go_by([rule("our-ci")])

    assert owner_of(by_name) == Owner("our-ci", "", "your rule name:ci-*", Confidence.USER)
    assert owner_of(by_label).name == "inspect-ai"
    assert owner_of(sandbox("other")) == Owner()


def test_the_first_rule_of_the_users_wins() -> None:
    go_by([rule("one"), rule("two")])
    assert owner_of(sandbox("ci-1")).name == "one"


def test_a_rule_of_the_users_tells_the_run_by_label_or_by_name() -> None:
    go_by([rule("our-ci", run_label="job", run_in_name=RunInName.parse("ci-{run}-*"))])
    assert owner_of(sandbox("ci-7-a", job="nightly")).run == "nightly"
    assert owner_of(sandbox("ci-7-a")).run == "7"
    assert owner_of(sandbox("ci-7")).run == ""


@pytest.mark.parametrize(
    ("pattern", "name", "run"),
    [
        ("ci-{run}-*", "ci-17-3", "17"),
        ("ci-{run}-*", "ci-17-3-4", "17"),
        ("ci-{run}", "ci-17-3", "17-3"),
        ("ci-*-{run}", "ci-a-b-c", "b-c"),
        ("*-job{run}.tmp", "x-job9.tmp", "9"),
        ("{run}-worker-*", "blue-worker-4", "blue"),
        ("ci-{run}-*-end", "ci-1-2-end", "1"),
        ("ci-{run}-*-end", "ci-1-end", ""),
        ("ci-{run}-*", "ci--3", ""),
        ("ci-{run}-*", "other", ""),
        ("ci-{run}", "ci-", ""),
        ("*{run}", "x", ""),
    ],
)
def test_the_run_stands_where_the_pattern_says(pattern: str, name: str, run: str) -> None:
    if pattern == "*{run}":
        with pytest.raises(ValueError, match="between"):
            RunInName.parse(pattern)
    else:
        assert RunInName.parse(pattern).run_of(name) == run


@pytest.mark.parametrize("pattern", ["", "ci-*", "{run}{run}", "a{run}b{run}", "ci-{run}*", "a**{run}", "{RUN}"])
def test_a_pattern_without_one_clear_run_is_none(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"has to have|something between"):
        RunInName.parse(pattern)


@given(st.text(), st.text(min_size=1), st.text())
def test_what_a_pattern_was_made_into_is_found_again(before: str, run: str, after: str) -> None:
    if "*" in before + after or "{run}" in before + after:
        return
    pattern = RunInName.parse(f"{before}{{run}}{after}")
    assert pattern.run_of(f"{before}{run}{after}") == run


# The audit log


def test_the_audit_log_names_whom_the_marks_do_not(trail: AuditTrail) -> None:
    nobodys, hermes = replace(sandbox(), id=SandboxId("n")), replace(sandbox("hermes-1"), id=SandboxId("h"))
    guessed = replace(sandbox(), id=SandboxId("g"), labels={})
    assert owner_of(nobodys) == Owner()
    learn({each.id: trail for each in (nobodys, hermes, guessed)})

    told = Owner("ana@example.org", "", "audit log: key …abc, sdk-python", Confidence.CERTAIN)
    assert owner_of(nobodys) == Owner()
    assert owner_of(replace(nobodys)) == told
    assert owner_of(guessed) == told
    assert owner_of(hermes).name == "hermes"


def test_a_log_that_names_nobody_changes_nothing(trail: AuditTrail) -> None:
    one = replace(sandbox(), id=SandboxId("unnamed"))
    learn({one.id: replace(trail, actor="")})
    assert owner_of(one) == Owner()


@pytest.fixture
def trail() -> AuditTrail:
    return AuditTrail(actor="ana@example.org", key_suffix="abc", sdk="sdk-python")


# Whatever the server says


texts = st.text(max_size=30)
minutes = st.none() | st.integers(-2, 20000)


@given(st.dictionaries(texts, texts, max_size=4), texts, texts, st.tuples(minutes, minutes, minutes, minutes))
def test_any_record_has_an_owner_with_a_reason(
    labels: dict[str, str], name: str, snapshot: str, told: tuple[int | None, int | None, int | None, int | None]
) -> None:
    lifetimes = Lifetimes(*told)
    owner = owner_of(
        Sandbox(SandboxId("id"), name, SandboxState.UNKNOWN, labels=labels, snapshot=snapshot, lifetimes=lifetimes)
    )
    assert owner.why
    assert owner.name or not owner.run
    if owner.confidence in {Confidence.CERTAIN, Confidence.LIKELY}:
        assert owner.name
