"""What holds for every filter there can be, and for every text that is none."""

from __future__ import annotations

import string

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from tests.unit.filter_fleet import ALL, CONTEXT, NOW

from daytona_tui.domain.filtering.tree import (
    Compare,
    Flag,
    Label,
    Match,
    Node,
    Not,
    Relation,
    Special,
    Word,
    every,
    some,
)
from daytona_tui.domain.filtering.vocabulary import FLAGS, KEYS, UNKNOWN, NumberKey, TextKey, Unit
from daytona_tui.domain.filters import EVERYTHING, Filter, FilterError, parse
from daytona_tui.domain.sandbox import Lifetimes, Resources, Sandbox, SandboxId, SandboxState

TRIED = settings(deadline=None, max_examples=100)
TEXTS = st.text(
    st.one_of(
        st.sampled_from(string.ascii_letters + string.digits + ' -_."*()|&?[!:=<>~,\\$ßİé木🙂'),
        st.characters(exclude_categories=["Cc", "Cs"]),
    ),
    min_size=1,
    max_size=6,
).filter(lambda text: not any(char < " " or "\x7f" <= char < "\xa0" for char in text))
INNER = st.lists(TEXTS, max_size=2)
CONTAINED = st.lists(TEXTS, min_size=1, max_size=3).map(tuple)
ENDS = st.one_of(st.just(""), TEXTS)
GLOBS = st.one_of(
    TEXTS.map(lambda text: (text,)),
    st.builds(lambda first, inner, last: (first, *inner, last), ENDS, INNER, ENDS),
)
PLAIN_TEXT_KEYS = st.sampled_from(
    [name for name, key in KEYS.items() if isinstance(key, TextKey) and name not in ("state", "desired")]
)
STATES = [state for state in SandboxState if state is not SandboxState.UNKNOWN]
NUMBER_KEYS = [key for key in KEYS.values() if isinstance(key, NumberKey)]


def _compares(key: NumberKey) -> st.SearchStrategy[Node]:
    relations = [relation for relation in Relation if key.is_exact or relation is not Relation.EQUAL]
    if key.unit is Unit.SECONDS:
        numbers = st.integers(0, 99_999 * 86400).map(float)
    else:
        numbers = st.decimals(0, 999_999_999, places=4).map(float)
    return st.builds(Compare, st.just(key.name), st.sampled_from(relations), numbers)


LEAVES: st.SearchStrategy[Node] = st.one_of(
    st.builds(Word, CONTAINED),
    st.builds(Match, PLAIN_TEXT_KEYS, st.lists(GLOBS, min_size=1, max_size=3).map(tuple)),
    st.builds(Match, PLAIN_TEXT_KEYS, st.lists(CONTAINED, min_size=1, max_size=3).map(tuple), st.just(True)),
    st.builds(Match, st.just("state"), st.sampled_from(STATES).map(lambda state: ((state.value,),))),
    st.builds(Label, GLOBS, st.lists(GLOBS, max_size=2).map(tuple)),
    st.builds(Label, GLOBS, st.lists(CONTAINED, min_size=1, max_size=2).map(tuple), st.just(True)),
    st.sampled_from(NUMBER_KEYS).flatmap(_compares),
    st.sampled_from([Special(key.name, word) for key in NUMBER_KEYS for word in (*key.words, UNKNOWN)]),
    st.builds(Special, st.one_of(PLAIN_TEXT_KEYS, st.just("state")), st.just(UNKNOWN)),
    st.sampled_from([Flag(name) for name in FLAGS]),
)
NODES: st.SearchStrategy[Node] = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.lists(inner, min_size=1, max_size=3).map(every),
        st.lists(inner, min_size=1, max_size=3).map(some),
    ),
    max_leaves=6,
)
LANGUAGE = st.lists(
    st.sampled_from(
        [
            *"abc()!\"'*~<>=:,|&?$ \\", " ", " ", "or", "and", "not", "state:", "started", "cpu", ">=2", "label:",
            "team=ml", "age>2h", "autostop=off", "public", "!label:keep", "unknown", "error~", "ttl<", "1h",
            "\x00", "\x85",
        ]
    ),
    max_size=30,
).map("".join)  # fmt: skip
ANYTHING = st.one_of(st.text(max_size=60), LANGUAGE)
NUMBERS = st.one_of(st.none(), st.integers(-1, 8))
SANDBOXES = st.one_of(
    st.sampled_from(ALL),
    st.builds(
        Sandbox,
        id=st.text(min_size=1, max_size=4).map(SandboxId),
        name=TEXTS,
        state=st.sampled_from(SandboxState),
        snapshot=ENDS,
        region=ENDS,
        labels=st.dictionaries(TEXTS, ENDS, max_size=2),
        resources=st.builds(Resources, NUMBERS, NUMBERS, NUMBERS, NUMBERS),
        lifetimes=st.builds(Lifetimes, NUMBERS, NUMBERS, NUMBERS, NUMBERS, st.sampled_from([None, NOW])),
        created_at=st.sampled_from([None, NOW]),
        last_activity_at=st.sampled_from([None, NOW]),
        public=st.booleans(),
        oddities=st.sampled_from([(), ("labels: missing",)]),
    ),
)


def parsed(text: str) -> Filter | FilterError:
    try:
        return parse(text)
    except FilterError as error:
        return error


@TRIED
@given(NODES)
def test_what_is_printed_is_read_as_the_same(node: Node) -> None:
    printed = Filter(node).text

    assert parse(printed).tree == node
    assert parse(printed).text == printed


@TRIED
@given(ANYTHING)
@example("owner:unknown,harbor")
@example("!owner!=unknown,harbor")
@example('""!')
@example("a < b")
@example("!" * 22 + "owner!=none,x")
@example("(" * 24 + "owner:none,x" + ")" * 24)
@example("\\" * 900 + '" "' + "\\" * 900)
@example("age>" + "999999w" * 5)
def test_any_text_is_a_filter_or_a_filter_error(text: str) -> None:
    found = parsed(text)
    if isinstance(found, FilterError):
        assert 0 <= found.position <= len(text)
        assert found.message
    else:
        assert parse(found.text) == found
        assert (found == EVERYTHING) is (not text.strip())


@TRIED
@given(NODES, SANDBOXES)
def test_nothing_satisfies_a_filter_and_its_opposite(node: Node, sandbox: Sandbox) -> None:
    is_so, is_not = Filter(node), Filter(Not(node))

    assert not (is_so.matches(sandbox, CONTEXT) and is_not.matches(sandbox, CONTEXT))
    assert Filter(Not(Not(node))).matches(sandbox, CONTEXT) is is_so.matches(sandbox, CONTEXT)


@TRIED
@given(NODES, NODES, SANDBOXES)
def test_and_or_and_not_mean_what_they_say(one: Node, other: Node, sandbox: Sandbox) -> None:
    def matches(node: Node) -> bool:
        return Filter(node).matches(sandbox, CONTEXT)

    assert matches(every([one, other])) is (matches(one) and matches(other))
    assert matches(some([one, other])) is (matches(one) or matches(other))
    assert matches(Not(every([one, other]))) is (matches(Not(one)) or matches(Not(other)))
    assert matches(Not(some([one, other]))) is (matches(Not(one)) and matches(Not(other)))


@TRIED
@given(NODES)
def test_of_what_the_server_told_nothing_of_nothing_is_assumed(node: Node) -> None:
    """Only a term that asks for the unknown can select it: no comparison, no flag, and no opposite of one does."""
    assume("unknown" not in Filter(node).text)
    blank = Sandbox(SandboxId(""), "", SandboxState.UNKNOWN, oddities=("labels: missing",))
    assume(not _fits_blank_text(node))

    assert not Filter(node).matches(blank, CONTEXT)


def _fits_blank_text(node: Node) -> bool:
    """The id, the name and the state word are told of every sandbox, and words are looked for in them."""
    return any(part in Filter(node).text for part in ("name", "id:", "id~")) or bool(Filter(node).words)


@TRIED
@given(ANYTHING, ANYTHING)
def test_what_is_typed_beside_a_mistake_selects_nothing(before: str, after: str) -> None:
    before, after = (
        text.translate({ord('"'): None, ord("'"): None}) for text in (before, after)
    )  # no mistake in quotes
    for text in (f"{before} cpu>many {after}", f"{before} stat:started", f"!(nosuchkey:{after.strip() or 'x'})"):
        assert isinstance(parsed(text), FilterError), text


@TRIED
@given(SANDBOXES, ANYTHING)
def test_selecting_is_matching(sandbox: Sandbox, text: str) -> None:
    found = parsed(text)
    if isinstance(found, Filter):
        assert found.select([sandbox], CONTEXT) == [sandbox] * found.matches(sandbox, CONTEXT)
