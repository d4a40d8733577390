"""What a server lacks: noted once, in the first words, and told to whoever listens."""

from __future__ import annotations

import pytest

from daytona_tui.domain.abilities import Abilities, Ability
from daytona_tui.domain.sandbox import SandboxId


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


def test_what_one_sandbox_lacks_is_held_against_no_other_and_forgotten_when_something_newer_may_run() -> None:
    abilities, old, new = Abilities(), SandboxId("old"), SandboxId("new")
    heard: list[str] = []
    abilities.listen(lambda: heard.append(abilities.lacks_in(old, Ability.PTYS)))

    words = abilities.note_in(old, Ability.PTYS)
    abilities.note_in(old, Ability.PTYS)
    abilities.note_in(old, Ability.SESSIONS)
    assert words == "this server has no terminals here: what runs in the sandbox is older"
    assert (abilities.lacks_in(new, Ability.PTYS), abilities.lacks(Ability.PTYS), abilities.lacking) == ("", "", ())

    abilities.forget_in(old, Ability.SESSIONS)
    assert (abilities.lacks_in(old, Ability.PTYS), abilities.lacks_in(old, Ability.SESSIONS)) == (words, "")
    abilities.forget_in(old)
    abilities.forget_in(old)
    assert heard == [words, words, words, ""]

    abilities.note(Ability.SSH)
    assert abilities.lacks_in(new, Ability.SSH) == "this server has no access by SSH"
