"""Tries the rules on a sandbox, those that can be believed most first; the first that fits tells the owner."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from daytona_tui.domain.ownership.marks import (
    LABEL_RULES,
    NAME_RULES,
    PERSON_LABELS,
    SAMPLE_RULES,
    SHAPE_RULES,
    SNAPSHOT_RULES,
)
from daytona_tui.domain.ownership.owner import Confidence, Owner
from daytona_tui.domain.ownership.rules import LANGUAGE, Labelling, LabelRule, NameRule, Naming, ShapeRule, UserRule
from daytona_tui.domain.sandbox import Sandbox

NOBODY: Final = Owner()

_UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.IGNORECASE)

# Ten thousand owners are asked for at one key press: what no rule can hit is told by two look-ups.
_ALL_LABEL_RULES = (*LABEL_RULES, *SAMPLE_RULES)
_KEYS = frozenset((*(rule.key for rule in _ALL_LABEL_RULES), *PERSON_LABELS))
_PREFIXES = tuple(rule.key for rule in _ALL_LABEL_RULES if rule.is_prefix)
_NAME_PREFIXES = tuple({rule.prefix for rule in NAME_RULES})


def matched(sandbox: Sandbox, own: Sequence[UserRule] = ()) -> Owner:
    """Return the owner that the marks of ``sandbox`` tell; ``own`` are the user's rules."""
    labels = sandbox.labels
    is_labelled = any(key in _KEYS or key.startswith(_PREFIXES) for key in labels)
    return (
        (_by_labels(labels, LABEL_RULES) if is_labelled else None)
        or _by_user(sandbox, own)
        or _by_name(sandbox)
        or _by_snapshot(sandbox)
        or (_by_person(labels) or _by_labels(labels, SAMPLE_RULES) if is_labelled else None)
        or _by_shape(sandbox)
        or NOBODY
    )


def _by_labels(labels: Mapping[str, str], rules: Sequence[LabelRule]) -> Owner | None:
    for rule in rules:
        key = _label_of(rule, labels)
        if key is not None:
            run = next((labels[each] for each in rule.run_keys if labels.get(each)), "")
            return Owner(rule.owner, run.removesuffix(rule.run_end), f"label {key}", rule.confidence)
    return None


def _label_of(rule: LabelRule, labels: Mapping[str, str]) -> str | None:
    """Return the label of a sandbox that ``rule`` means."""
    if rule.is_prefix:
        return next((key for key in labels if key.startswith(rule.key)), None)
    if rule.key not in labels or (rule.value and not _says(labels[rule.key], rule.value)):
        return None
    if rule.also is not None and not _says(labels.get(rule.also[0], ""), rule.also[1]):
        return None
    return rule.key


def _says(value: str, wanted: str) -> bool:
    return value.startswith(wanted[:-1]) if wanted.endswith("*") else value == wanted


def _by_user(sandbox: Sandbox, own: Sequence[UserRule]) -> Owner | None:
    for rule in own:
        if rule.matches(sandbox):
            run = sandbox.labels.get(rule.run_label, "") if rule.run_label else ""
            if not run and rule.run_in_name is not None:
                run = rule.run_in_name.run_of(sandbox.name)
            return Owner(rule.owner, run, f"your rule {rule.text}", Confidence.USER)
    return None


def _by_name(sandbox: Sandbox) -> Owner | None:
    name = sandbox.name
    if not name.startswith(_NAME_PREFIXES):
        return None
    for rule in NAME_RULES:
        if name.startswith(rule.prefix) and (run := _run_in(name, rule)) is not None:
            return Owner(rule.owner, run, f"name begins with {rule.prefix}", Confidence.LIKELY)
    return None


def _run_in(name: str, rule: NameRule) -> str | None:
    """Return the run in a name; None where the name does not fit."""
    found = rule.rest.fullmatch(name, len(rule.prefix))
    return None if found is None else found.groupdict().get("run") or ""


def _by_snapshot(sandbox: Sandbox) -> Owner | None:
    if sandbox.snapshot:
        for rule in SNAPSHOT_RULES:
            if rule.pattern.match(sandbox.snapshot):
                return Owner(rule.owner, "", f"snapshot {sandbox.snapshot}", Confidence.LIKELY)
    return None


def _by_person(labels: Mapping[str, str]) -> Owner | None:
    for key in PERSON_LABELS:
        if labels.get(key):
            return Owner(labels[key], "", f"label {key}", Confidence.LIKELY)
    return None


def _by_shape(sandbox: Sandbox) -> Owner | None:
    for rule in SHAPE_RULES:
        if _fits(sandbox, rule):
            return _SHAPED[rule]
    return None


_SHAPED: Final = {rule: Owner(rule.owner, "", rule.why, rule.confidence) for rule in SHAPE_RULES}


def _fits(sandbox: Sandbox, rule: ShapeRule) -> bool:
    lifetimes = sandbox.lifetimes
    return (
        rule.auto_stop in {None, lifetimes.auto_stop_min}
        and rule.auto_archive in {None, lifetimes.auto_archive_min}
        and (rule.auto_delete is None or rule.auto_delete == _delete(lifetimes.auto_delete_min))
        and _is_labelled(sandbox, rule.labelling)
        and _is_named(sandbox, rule.naming)
    )


def _delete(minutes: int | None) -> int | None:
    """Return the interval with one number for "off": every negative one is."""
    return minutes if minutes is None or minutes >= 0 else -1


def _is_labelled(sandbox: Sandbox, labelling: Labelling) -> bool:
    if labelling is Labelling.ANY:
        return True
    # Labels that could not be understood are none that are missing.
    if any(oddity.startswith("labels") for oddity in sandbox.oddities):
        return False
    if labelling is Labelling.NO_LANGUAGE:
        return LANGUAGE not in sandbox.labels
    return sandbox.labels.keys() == {LANGUAGE}


def _is_named(sandbox: Sandbox, naming: Naming) -> bool:
    if naming is Naming.ANY:
        return True
    if naming is Naming.ID:
        return sandbox.name == sandbox.id
    return sandbox.name != sandbox.id and _UUID4.fullmatch(sandbox.name) is not None
