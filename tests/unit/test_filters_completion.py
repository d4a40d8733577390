"""What is offered while a filter is typed."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.filter_fleet import ALL, CONTEXT

from daytona_tui.domain.filters import complete, parse
from daytona_tui.domain.sandbox import SandboxId


def offered(text: str) -> list[str]:
    return [option.text for option in complete(text, len(text), ALL).options]


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("", []),
        ("foo", []),
        ("foo ", []),
        ('"st', []),
        ("x:", []),
        ("sta", ["state:"]),
        ("STA", ["state:"]),
        ("foo !sta", ["state:"]),
        ("(sta", ["state:"]),
        ("s", ["state:", "snapshot:", "stuck"]),
        ("auto", ["autostop=", "autopause=", "autoarchive>", "autodelete="]),
        ("mem", ["memory>="]),
        ("er", ["error:", "error"]),
        ("pub", ["public"]),
        ("cost", ["$>"]),
        ("owner:", ["harbor", "hermes", '"ml ops"', "unknown"]),
        ("owner:h", ["harbor", "hermes"]),
        ("owner:ER", ["hermes"]),
        ("owner:harbor,her", ["hermes"]),
        ("owner~har", ["harbor"]),
        ("!owner!=har", ["harbor"]),
        ("owner:u", ["unknown"]),
        ("region:", ["us", "eu", "unknown"]),
        ("snapshot:ub", ["ubuntu:22.04"]),
        ("state:star", ["started", "starting", "restarted"][:2]),
        ("state:started,build_f", ["build_failed"]),
        ("label:", ["team", "Keep", "harbor.session_id"]),
        ("label:te", ["team"]),
        ("label:keep,te", ["team"]),
        ("label:team=", ["ML", '"ml ops"']),
        ('label:TEAM="ml o', ['"ml ops"']),
        ("label:team~o", ['"ml ops"']),
        ("label:nothing=", []),
        ("autostop=", ["off", "unknown"]),
        ("autodelete:s", ["stop"]),
        ("autostop<", []),
        ("ttl=n", ["none"]),
        ("cpu>", []),
        ("name:sw", ["swe-4411"]),
        ("\x00", []),
    ],
)
def test_what_is_offered(text: str, options: list[str]) -> None:
    assert offered(text) == options


@pytest.mark.parametrize(
    ("text", "cursor", "result"),
    [
        ("sta", 3, ("state:", 6)),
        ("foo sta bar", 7, ("foo state: bar", 10)),
        ("owner:har", 9, ("owner:harbor", 12)),
        ("(owner:hermes,har)", 17, ("(owner:hermes,harbor)", 20)),
        ('label:team="ml o', 16, ('label:team="ml ops"', 19)),
        ("idle>1d label:te", 16, ("idle>1d label:team", 18)),
        ("ttl=n idle>1d", 5, ("ttl=none idle>1d", 8)),
    ],
)
def test_the_first_option_takes_the_place_of_the_beginning(text: str, cursor: int, result: tuple[str, int]) -> None:
    found = complete(text, cursor, ALL)

    assert found.applied(text, cursor, found.options[0]) == result


def test_what_is_frequent_comes_first_and_says_how_often_it_is_there() -> None:
    found = complete("state:", 6, ALL)

    assert [(option.text, option.note) for option in found.options[:3]] == [
        ("started", "2"),
        ("build_failed", "1"),
        ("stopping", "1"),
    ]
    assert "archived" in [option.text for option in found.options]
    assert found.subject == "lifecycle state"


def test_a_value_with_a_control_character_is_not_offered() -> None:
    odd = replace(ALL[0], id=SandboxId("odd"), labels=MappingProxyType({"team": "a\x1bb", "te\nam": "x"}))

    assert complete("label:team=", 11, [odd]).options == ()
    assert [option.text for option in complete("label:", 6, [odd]).options] == ["team"]


@settings(deadline=None)
@given(st.text(max_size=30), st.integers(0, 40))
def test_any_text_and_cursor_can_be_asked_about(text: str, cursor: int) -> None:
    found = complete(text, min(cursor, len(text)), ALL)

    for option in found.options:
        assert found.applied(text, min(cursor, len(text)), option)[0]


VALUES = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=5)


@settings(deadline=None)
@given(VALUES, VALUES)
def test_a_value_that_is_offered_finds_whom_it_comes_from(name: str, value: str) -> None:
    sandbox = replace(ALL[0], id=SandboxId("x"), snapshot=value, labels=MappingProxyType({name: value}))
    (by_name,) = [option.text for option in complete("label:", 6, [sandbox]).options]
    text = f"label:{by_name}="
    (by_value,) = [option.text for option in complete(text, len(text), [sandbox]).options]
    by_snapshot = complete("snapshot:", 9, [sandbox]).options[0].text

    assert parse(f"{text}{by_value} snapshot:{by_snapshot}").matches(sandbox, CONTEXT)
    assert not parse(f"!({text}{by_value})").matches(sandbox, CONTEXT)
