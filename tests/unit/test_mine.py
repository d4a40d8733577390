"""Whether a sandbox is ours."""

from __future__ import annotations

from dataclasses import replace

import pytest

from daytona_tui.domain.audit import AuditTrail
from daytona_tui.domain.mine import MineRules, is_mine, made_by_another, why_mine
from daytona_tui.domain.owners import Owner
from daytona_tui.domain.ports import Identity
from daytona_tui.domain.sandbox import Sandbox, SandboxId, SandboxState

SANDBOX = Sandbox(SandboxId("id"), "x", SandboxState.STARTED)
ME = Identity(user_id="u-1", key_prefix="dtn", key_suffix="abc")
OURS = AuditTrail(actor="me@example.org", actor_id="u-1", key_prefix="dtn", key_suffix="abc")


def mine(trail: AuditTrail | None, me: Identity = ME, rules: MineRules | None = None) -> bool:
    return is_mine(SANDBOX, Owner("harbor"), trail, me, rules or MineRules())


def test_what_this_key_or_its_person_made_is_ours() -> None:
    assert why_mine(SANDBOX, Owner(), OURS, ME) == "made with this key"
    assert why_mine(SANDBOX, Owner(), replace(OURS, key_suffix="zzz"), ME) == "made by this key's person"


@pytest.mark.parametrize(
    ("trail", "me"),
    [
        (None, ME),
        (AuditTrail(), ME),
        (AuditTrail(), Identity()),
        (OURS, Identity()),
        (replace(OURS, actor_id="u-2"), ME),
        (replace(OURS, actor_id="", key_suffix=""), replace(ME, key_suffix="")),
        (replace(OURS, actor_id="", key_prefix="xyz"), ME),
    ],
    ids=["no log", "empty log", "nothing told", "we are unknown", "same letters", "no letters", "other letters"],
)
def test_what_is_not_surely_ours_is_not(trail: AuditTrail | None, me: Identity) -> None:
    assert not mine(trail, me)


def test_the_letters_of_the_key_count_where_nobody_is_named() -> None:
    assert mine(replace(OURS, actor_id=""))


def test_another_is_whom_the_log_names() -> None:
    assert made_by_another(replace(OURS, actor_id="u-2"), ME)
    assert not made_by_another(OURS, ME)
    assert not made_by_another(None, ME)
    assert not made_by_another(AuditTrail(user_agent="curl"), ME)


def test_the_settings_name_owners_and_addresses() -> None:
    theirs = replace(OURS, actor_id="u-2", actor="Ana@example.org")
    assert mine(None, rules=MineRules(owners=frozenset({"harbor"})))
    assert mine(theirs, rules=MineRules(owners=frozenset({"ana@example.org"})))
    assert not mine(theirs, rules=MineRules(owners=frozenset({"ana"})))
    assert not is_mine(SANDBOX, Owner(), None, ME, MineRules(owners=frozenset({""})))


def test_the_log_counts_for_more_than_what_the_settings_say_of_many() -> None:
    theirs = replace(OURS, actor_id="u-2", actor="bo@example.org")
    nameless = replace(OURS, actor_id="", actor="", key_suffix="zzz")
    many = MineRules(frozenset({"harbor"}), (("team", ""),), lambda _: True, "state:started")
    labelled = replace(SANDBOX, labels={"team": "ml"})
    for rules in (many, replace(many, owners=frozenset()), replace(many, labels=(), owners=frozenset())):
        assert is_mine(labelled, Owner("harbor"), None, ME, rules)
        assert is_mine(labelled, Owner("harbor"), nameless, ME, rules)
        assert not is_mine(labelled, Owner("harbor"), theirs, ME, rules)
        assert not is_mine(labelled, Owner("harbor"), theirs, Identity(), rules)
    assert made_by_another(theirs, ME, many)
    assert not made_by_another(theirs, ME, MineRules(frozenset({"bo@example.org"})))
