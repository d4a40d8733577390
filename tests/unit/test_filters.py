"""What filters mean, and what those who mistype are told."""

from __future__ import annotations

import pytest
from tests.unit.filter_fleet import ALL, CONTEXT, names

from daytona_tui.domain.filtering.scanner import MAX_LENGTH
from daytona_tui.domain.filters import EVERYTHING, FilterError, parse


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", ["API-", "swe-", "buil", "herm", "dark"]),
        (" \t\n", ["API-", "swe-", "buil", "herm", "dark"]),
        # words
        ("api", ["API-"]),
        ("ID-SWE", ["swe-"]),
        ("trial-42", ["API-"]),
        ("team=ml", None),
        ('"team=ml"', ["API-", "swe-"]),
        ('"ml ops"', ["swe-"]),
        ('"ml\u200bops"', []),
        ("harbor 1.0", ["API-"]),
        ("build failed", ["buil"]),
        ("build_failed", ["buil"]),
        ("swe*11", ["swe-"]),
        ("11*swe", []),
        ("swe*ubuntu", []),  # never across two texts
        ("started", ["API-", "swe-"]),
        ("!started", ["buil", "herm"]),
        # state
        ("state:started", ["API-", "swe-"]),
        ("state=STARTED", ["API-", "swe-"]),
        ("state:build-failed", ["buil"]),
        ('state:"build failed"', ["buil"]),
        ("state:st*", ["API-", "swe-", "herm"]),
        ("state:started,stopping", ["API-", "swe-", "herm"]),
        ("state!=started", ["buil", "herm"]),
        ("!state:started", ["buil", "herm"]),
        ("state:unknown", ["dark"]),
        ("!state:unknown", ["API-", "swe-", "buil", "herm"]),
        ('state~"build f"', ["buil"]),
        ("desired:stopped", ["swe-"]),
        # other texts
        ("owner:harbor", ["API-"]),
        ("owner:HAR*", ["API-"]),
        ("owner:bor", []),
        ("owner~bor", ["API-"]),
        ("!owner:harbor", ["swe-", "herm"]),
        ("owner:unknown", ["buil", "dark"]),
        ("owner:none", ["buil", "dark"]),
        ("owner:harbor,unknown", ["API-", "buil", "dark"]),
        ("run:trial-42", ["API-"]),
        ("region:us", ["API-", "buil", "herm"]),
        ("!region:us", ["swe-"]),
        ("target:eu", ["swe-"]),
        ("snapshot:ubuntu:*", ["swe-"]),
        ("snapshot:ubuntu:22.04", ["swe-"]),
        ("snapshot:*trial*", ["API-"]),
        ("snapshot:u*u*4", ["swe-"]),
        ("name:swe-4411", ["swe-"]),
        ("name:swe", []),
        ("name:*", ["API-", "swe-", "buil", "herm", "dark"]),
        ("id:id-*e*", ["swe-"]),
        ("user:daytona", ["API-"]),
        ("class:container", ["API-", "swe-"]),
        ("backup:completed", ["API-"]),
        ("gputype:h100", ["API-"]),
        # labels
        ("label:team", ["API-", "swe-"]),
        ("label:TEAM=ml", ["API-"]),
        ("label:team=ml*", ["API-", "swe-"]),
        ('label:team="ml ops"', ["swe-"]),
        ("label:team=ml,x", ["API-"]),
        ("label:team~ops", ["swe-"]),
        ("label:harbor.*", ["API-"]),
        ("label:*=true", ["API-"]),
        ("!label:keep", ["swe-", "buil", "herm"]),
        ("label:team!=ml", ["swe-", "buil", "herm"]),
        ("label:*", ["API-", "swe-"]),
        ("!label:*", ["buil", "herm"]),
        # numbers
        ("cpu>=2", ["API-", "buil", "herm"]),
        ("cpu > 2", ["API-"]),
        ("cpu >2", ["API-"]),
        ("cpu> 2", ["API-"]),
        ("cpu:1", ["swe-"]),
        ("!cpu=1", ["API-", "buil", "herm"]),
        ("cpu!=1", ["API-", "buil", "herm"]),
        ("cpu=unknown", ["dark"]),
        ("memory>=4GiB", ["API-", "buil", "herm"]),
        ("ram<0.5", []),
        ("disk>5", ["API-", "buil", "herm"]),
        ("gpu>0", ["API-"]),
        ("gpu<=0", ["swe-", "buil", "herm"]),
        ("$>1", ["API-", "swe-", "herm"]),
        ("$>10", ["API-"]),
        ("cost<=0", ["buil"]),
        ("$=unknown", ["dark"]),
        # ages
        ("age>2h", ["API-", "swe-", "herm"]),
        ("age<1d12h", ["API-", "buil", "herm"]),
        ("idle>1d", ["swe-"]),
        ("!idle>1d", ["API-", "buil", "herm"]),
        ("idle=unknown", ["dark"]),
        ("changed<5m", ["API-"]),
        ("next<1h", ["API-"]),
        # lifetimes
        ("autostop=off", ["swe-"]),
        ("autostop:OFF", ["swe-"]),
        ("!autostop=off", ["API-", "buil", "herm"]),
        ("autostop<30m", ["buil", "herm"]),
        ("autostop<=30m", ["API-", "buil", "herm"]),
        ("autostop>0", ["API-", "buil", "herm"]),
        ("!autostop<30m", ["API-", "swe-"]),
        ("autostop=15m", ["buil", "herm"]),
        ("autostop=unknown", ["dark"]),
        ("autopause=off", ["API-", "swe-", "buil", "herm"]),
        ("autoarchive>=30d", ["API-"]),
        ("autoarchive=1h", ["buil", "herm"]),
        ("autodelete=off", ["swe-", "herm"]),
        ("autodelete=stop", ["API-"]),
        ("autodelete<2d", ["API-", "buil"]),
        ("ttl=none", ["swe-", "buil", "herm"]),
        ("ttl<1h", ["API-"]),
        ("!ttl<1h", ["swe-", "buil", "herm"]),
        ("ttl=unknown", ["dark"]),
        # flags
        ("public", ["API-"]),
        ("!public", ["swe-", "buil", "herm"]),
        ("public:no", ["swe-", "buil", "herm"]),
        ("public:yes", ["API-"]),
        ("recoverable", ["buil"]),
        ("error", ["buil"]),
        ("!error", ["API-", "swe-", "herm"]),
        ('error~"disk"', ["buil"]),
        ("error~disk*%", ["buil"]),
        ("ephemeral", ["API-"]),
        ("!ephemeral", ["swe-", "buil", "herm"]),
        ("stuck", ["swe-", "herm"]),
        # joined
        ("api swe", []),
        ("api and harbor", ["API-"]),
        ("api or swe", ["API-", "swe-"]),
        ("region:us started or swe", ["API-", "swe-"]),
        ("region:us (started or error)", ["API-", "buil"]),
        ("region:us(started OR error)", ["API-", "buil"]),
        ("!(region:us cpu>2)", ["swe-", "buil", "herm"]),
        ("not region:us", ["swe-"]),
        ("!!region:us", ["API-", "buil", "herm"]),
        ("! region:us", ["swe-"]),
        ("api || swe", ["API-", "swe-"]),
        ("api | swe && ubuntu", ["API-", "swe-"]),
        ("!(api || swe)", ["buil", "herm"]),
        ("'ml ops' or name:'API-agent-1'", ["API-", "swe-"]),
        ("label:keep,none", ["API-"]),
        ("!label:keep,harbor.*", ["swe-", "buil", "herm"]),
        ("label:team,keep=true,ml", ["API-"]),
        ("status:started", ["API-", "swe-"]),
        ("!(region:us or error)", ["swe-"]),
    ],
)
def test_what_a_filter_means(text: str, wanted: list[str] | None) -> None:
    if wanted is None:
        with pytest.raises(FilterError):
            parse(text)
    else:
        assert names(text) == wanted
        assert names(parse(text).text) == wanted


@pytest.mark.parametrize(
    ("text", "position", "expected"),
    [
        ("stat:started", 0, "state"),
        ("x stat:started", 2, "state"),
        ("state:strated", 6, "started"),
        ('state:"strated"', 7, "started"),
        ("!label:keep\u200b", 11, "the word without it"),
        ("\ufeff!keep", 0, "the word without it"),
        ("!state:strat*", 7, "started"),
        ("!state~strat", 7, "started"),
        ("!state:star*ted*x", 7, "started"),
        ('!state:"unknown"', 8, "unknown"),
        ("desired:started,stp*", 16, "stopped"),
        ("state:", 6, "a state such as started"),
        ("state>1", 5, ":"),
        ("owner:", 6, "unknown"),
        ("cpu>", 4, "a number such as 2"),
        ("cpu > ", 5, "a number such as 2"),
        ("cpu>many", 4, "a number such as 2"),
        ("cpu>-1", 4, "a number such as 2"),
        ("cpu>1e9", 4, "a number such as 2"),
        ("cpu~1", 3, "<"),
        ("cpu>unknown", 4, "a number such as 2"),
        ("age>2", 4, "a duration such as 30m, 2h or 1d12h"),
        ("age=2h", 3, ">"),
        ("idle>2y", 5, "a duration such as 30m, 2h or 1d12h"),
        ("ttl=1h", 3, "=none"),
        ("autostop=on", 9, "off"),
        ("autoarchive=off", 12, "a duration such as 30m, 2h or 1d12h"),
        ("$>free", 2, "dollars a day such as 1.50"),
        ("env=dev", 0, "label:env=…"),
        ("=x", 0, "a key such as state"),
        ("public:maybe", 6, "!public"),
        ("label:", 6, "the name of a label, such as team or team=ml"),
        ("label:=x", 6, "the name of a label, such as team or team=ml"),
        ("label:team=", 11, "text such as ml or m*"),
        ("label:team<=3", 10, "="),
        ("name:a,,b", 7, "a value"),
        ("name:a,", 7, "a value"),
        ("name~*", 5, "text"),
        ("*", 0, "a word"),
        ('""', 0, "a word"),
        ("!a,b", 2, "or"),
        ("!a|b", 2, "or"),
        ("!a&b", 2, '"&" in quotes'),
        ("!name:api-?", 10, "*"),
        ("!name:api-[12]", 10, "*"),
        ("!name:a|b", 7, "or"),
        ("!owner:!harbor", 7, "a value"),
        ("owner:harbor,!hermes", 13, "a value"),
        ("label:!keep", 6, "a value"),
        ("!'keep", 1, "a closing quote"),
        ("|| a", 0, "a word"),
        ('name:""', 7, "unknown"),
        ('a "b', 2, "a closing quote"),
        ("(a", 0, ")"),
        ("a)", 1, "the end"),
        ("()", 1, "a word"),
        ("a or", 4, "a word"),
        ("or a", 0, "a word"),
        ("a or or b", 5, "a word"),
        ("a and", 5, "a word"),
        ("!", 1, "a word"),
        ("!)", 1, "a word"),
        ("not", 3, "a word"),
    ],
)
def test_an_error_says_where_and_what_could_stand_there(text: str, position: int, expected: str) -> None:
    with pytest.raises(FilterError) as caught:
        parse(text)

    assert caught.value.position == position
    assert expected in caught.value.expected


@pytest.mark.parametrize(
    "text",
    ["(" * 5000, "!" * 5000, "not " * 1500, "(" * 200 + "a" + ")" * 200, "!" * 500 + "a", "a " * 1001, "x" * 2001],
)
def test_what_is_too_long_or_too_deep_is_refused_and_breaks_nothing(text: str) -> None:
    with pytest.raises(FilterError):
        parse(text)


def test_a_filter_of_the_greatest_length_is_understood() -> None:
    found = parse("a " * (MAX_LENGTH // 2))

    assert found.select(ALL, CONTEXT) == [ALL[0], ALL[1], ALL[2], ALL[4]]


@pytest.mark.parametrize(
    ("text", "proper"),
    [
        ("  a   AND b ", "a b"),
        ("not (a or b)", "!(a or b)"),
        ("((a)) (b)", "a b"),
        ("a or (b or c)", "a or b or c"),
        ("mem>4GB cost>1.50 vcpu:2", "memory>4 $>1.5 cpu=2"),
        ("age>90m idle>0 ttl>24h", "age>1h30m idle>0m ttl>1d"),
        ("state!=Build-Failed", "!state:build_failed"),
        ('"a" "b c" "or" "public" "a*b" "!x"', 'a "b c" "or" "public" "a*b" "!x"'),
        ('name:"unknown" name:none', 'name:"unknown" name:unknown'),
        (r'"say \"hi\" \\ there"', r'"say \"hi\" \\ there"'),
        ("public:false", "!public"),
        ('x"y z"*w', '"xy z"*w'),
        ("'it is' \"it's\"", '"it is" "it\'s"'),
        ('"a,b" name:"a?" "&&"', '"a,b" name:"a?" "&&"'),
        ("label:a,b=c", "label:a=c or label:b=c"),
    ],
)
def test_every_filter_has_one_proper_spelling(text: str, proper: str) -> None:
    assert parse(text).text == proper
    assert parse(proper) == parse(text)


def test_blank_text_is_everything_and_nothing_else_is() -> None:
    assert parse("") is parse("  \t") is EVERYTHING
    assert parse("*name") != EVERYTHING
    assert EVERYTHING.text == ""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ()),
        ("a B a", ("a", "B")),
        ("a or (b c)", ("a", "b", "c")),
        ("!a b", ("b",)),
        ("!!a", ("a",)),
        ("!(a b)", ()),
        ("a*b state:started public", ("a", "b")),
        ('"a b"', ("a b",)),
    ],
)
def test_the_words_to_show_are_those_that_are_looked_for(text: str, words: tuple[str, ...]) -> None:
    assert parse(text).words == words


@pytest.mark.parametrize("text", ["age>2h", "!idle<1d", "a or (b ttl<1h)", "next<1m", "changed>1d", "stuck"])
def test_a_filter_says_that_its_answer_changes_with_time(text: str) -> None:
    assert parse(text).is_timed


@pytest.mark.parametrize("text", ["", "age", '"age>2h"', "autostop<1h", "$>1", "name:ttl", "state:started cpu>2"])
def test_a_filter_says_that_its_answer_does_not_change_with_time(text: str) -> None:
    assert not parse(text).is_timed


def test_a_pattern_that_would_drive_a_regular_expression_mad_is_answered_at_once() -> None:
    stars = "*".join("a" * 400) + "*b"

    assert names(stars) == []
    assert names(f"name:{stars}") == []
