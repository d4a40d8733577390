"""The places that frameworks and agents are known to use."""

from __future__ import annotations

import re

from daytona_tui.domain.recipes import RECIPES, recipes_for


def test_no_glob_holds_anything_that_a_shell_would_obey() -> None:
    for recipe in RECIPES:
        for glob in recipe.globs:
            assert re.fullmatch(r"(~|/[\w.*-]+)(/[\w.*-]+)*", glob), glob


def test_an_owners_own_come_first_and_none_is_left_out() -> None:
    offered = recipes_for("harbor")

    assert offered[0].title == "Reward"
    assert sorted(map(id, offered)) == sorted(map(id, RECIPES))


def test_without_an_owner_those_of_anybody_come_first() -> None:
    offered = recipes_for("")

    assert not offered[0].owners
    assert len(offered) == len(RECIPES)


def test_what_anybody_may_keep_is_looked_for_in_any_home() -> None:
    titles = {recipe.title for recipe in recipes_for("") if not recipe.owners}

    assert {"Reward", "Trajectory", "Agent log", "Test output"} <= titles
