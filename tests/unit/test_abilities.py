"""What a server lacks: noted once, in the first words, and told to whoever listens."""

from __future__ import annotations

import pytest

from daytona_tui.domain.abilities import Abilities, Ability


def test_everything_is_believed_to_be_there_until_it_is_noted() -> None:
    abilities = Abilities()

    assert [abilities.lacks(each) for each in Ability] == [""] * len(Ability)
    assert abilities.lacking == ()


@pytest.mark.parametrize("ability", Ability)
def test_a_note_says_what_this_server_has_not(ability: Ability) -> None:
    abilities = Abilities()

    assert abilities.note(ability) == abilities.lacks(ability) == f"this server has no {ability.value}"
    assert abilities.lacking == ((ability, abilities.lacks(ability)),)


def test_the_first_words_stay_and_listeners_hear_of_it_once() -> None:
    abilities = Abilities()
    heard: list[int] = []
    end = abilities.listen(lambda: heard.append(len(abilities.lacking)))

    abilities.note(Ability.SECRETS, "this server keeps none")
    assert abilities.note(Ability.SECRETS, "others") == "this server keeps none"
    end()
    end()
    abilities.note(Ability.TTL)

    assert heard == [1]
