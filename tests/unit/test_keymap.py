"""Keys of one's own: what can be bound, what cannot, and that the rest still works."""

from __future__ import annotations

import pytest

from daytona_tui.presentation.keymap import UNBOUND
from daytona_tui.ui.commands.catalog import COMMANDS, EVERYWHERE
from daytona_tui.ui.commands.rebinding import keymap_of


def test_without_wishes_every_command_has_its_usual_keys() -> None:
    keymap = keymap_of({})

    assert keymap.problems == ()
    assert keymap.overrides == {}
    assert all(keymap.label(command.id) == command.key_label for command in COMMANDS)


@pytest.mark.parametrize(
    ("wish", "keys", "label"),
    [
        ("ctrl+x", "ctrl+x", "^x"),
        (["f5", "f6"], "f5,f6", "f5"),
        ("f5, f6", "f5,f6", "f5"),
        ("~", "tilde", "~"),
        (",", "comma", ","),
        ("comma", "comma", ","),
        ("ü", "ü", "ü"),
        ("alt+x", "alt+x", "alt+x"),
        ("", "unbound", "—"),
        ([], "unbound", "—"),
    ],
)
def test_a_command_gets_another_key(wish: object, keys: str, label: str) -> None:
    keymap = keymap_of({"stop": wish})

    assert keymap.problems == ()
    assert keymap.overrides == {"stop": keys}
    assert keymap.label("stop") == label


@pytest.mark.parametrize(
    ("wishes", "words"),
    [
        ({"stopp": "f5"}, ("keys.stopp", "is it stop?")),
        ({"stop": "ctlr+x"}, ("keys.stop", "'ctlr+x' is no key", "stop keeps x")),
        ({"stop": "ctrl+"}, ("'ctrl+' is no key",)),
        ({"stop": "shift+a"}, ("'shift+a' is written 'A'",)),
        ({"stop": "\x1b"}, ("is no key",)),
        ({"stop": 3}, ("neither a key nor a list",)),
        ({"stop": ["x", 3]}, ("neither a key nor a list",)),
        ({"stop": "start"}, ("'start' is no key",)),
        ({"stop": "/"}, ("keys.stop", "/ is the key of filter")),
        ({"stop": "q"}, ("keys.stop", "q is the key of quit")),
        ({"stop": "j"}, ("j belongs to every list",)),
        ({"stop": "f5", "quit": "f5"}, ("keys.quit", "f5 is the key of stop", "quit keeps q")),
        ({"hidden": "x"}, ("keys.hidden", "x is the key of stop")),
    ],
)
def test_what_cannot_be_bound_is_told_with_both_names(wishes: dict[str, object], words: tuple[str, ...]) -> None:
    keymap = keymap_of({"copy-id": "f9", **wishes})

    assert len(keymap.problems) == 1
    for word in words:
        assert word in keymap.problems[0]
    assert keymap.label("copy-id") == "f9", "the rest still works"


def test_two_commands_can_change_places() -> None:
    keymap = keymap_of({"stop": "s", "start": "x"})

    assert keymap.problems == ()
    assert (keymap.label("stop"), keymap.label("start")) == ("s", "x")


def test_who_falls_back_on_a_key_that_was_given_away_gets_it_back() -> None:
    """Stop took the key of start, and start cannot have that of quit: then neither can stop."""
    keymap = keymap_of({"stop": "s", "start": "q"})

    assert len(keymap.problems) == 2
    assert (keymap.label("stop"), keymap.label("start")) == ("x", "s")


def test_commands_of_different_panes_may_share_a_key() -> None:
    keymap = keymap_of({"copy-id": "f5", "copy-path": "f5"})

    assert keymap.problems == ()


def test_a_key_that_a_command_has_already_is_no_conflict() -> None:
    assert keymap_of({"clear": "escape", "stop": "x"}).problems == ()


def test_ids_are_unique() -> None:
    ids = [command.id for command in COMMANDS]

    assert len(ids) == len(set(ids))
    assert {command.id for command in EVERYWHERE} <= set(ids)


def test_usual_keys_collide_with_no_other_of_the_same_pane() -> None:
    """Only Escape means another thing by what there is to leave."""
    seen: dict[tuple[str, str], str] = {}
    for command in COMMANDS:
        for key in command.key.split(","):
            other = seen.setdefault((command.scope, key), command.id)
            assert other == command.id or key in ("escape", UNBOUND), f"{key}: {other} and {command.id}"
