"""Changes of labels before they are carried out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daytona_tui.domain.sandbox import Sandbox, SandboxId, SandboxState
from daytona_tui.presentation.labels import LONGEST, LabelDraft, LabelError, LabelRow, edit_words, parse_label


def _box(**labels: str) -> Sandbox:
    return Sandbox(SandboxId(str(labels)), "one", SandboxState.STARTED, labels=labels)


def _row(draft: LabelDraft, key: str) -> LabelRow:
    return next(row for row in draft.rows() if row.key == key)


def test_of_many_it_knows_what_is_common_and_what_is_mixed() -> None:
    draft = LabelDraft([_box(team="ml", run="1"), _box(team="ml", run="2"), _box(team="ml")])

    assert not _row(draft, "team").is_mixed
    assert _row(draft, "run").is_mixed
    assert _row(draft, "run").held_by == 2
    assert not draft.edit


def test_only_what_was_changed_is_in_the_edit() -> None:
    draft = LabelDraft([_box(team="ml", run="1", keep="yes")])
    draft.put(" team ", " data ")
    draft.remove("run")

    assert draft.edit.applied_to({"team": "ml", "run": "1", "keep": "yes", "theirs": "x"}) == {
        "team": "data", "keep": "yes", "theirs": "x",
    }  # fmt: skip
    assert edit_words(draft.edit) == "sets team=data; takes away run"


def test_a_change_is_taken_back_step_by_step() -> None:
    draft = LabelDraft([_box(team="ml")])
    draft.put("team", "data")
    draft.remove("team")
    assert not draft.edit
    draft.remove("team")
    assert draft.edit.remove == {"team"}
    draft.put("team", "ml")
    assert not draft.edit


def test_what_everybody_has_already_is_no_change_and_says_so() -> None:
    draft = LabelDraft([_box(team="ml")])

    assert "already" in draft.put("team", "ml")
    assert not draft.edit


def test_what_is_put_twice_says_so_and_the_last_counts() -> None:
    draft = LabelDraft([_box()])
    draft.put("team", "a")

    assert "was to be a, now b" in draft.put("team", "b")
    assert dict(draft.edit.set) == {"team": "b"}


def test_a_language_that_breaks_everybodys_listing_is_warned_of() -> None:
    assert "cannot list" in LabelDraft([_box()]).put("code-toolbox-language", "cobol")
    assert LabelDraft([_box()]).put("code-toolbox-language", "python") == ""


@pytest.mark.parametrize(
    ("key", "value"),
    [("", "x"), ("  ", "x"), ("k" * (LONGEST + 1), "x"), ("k", "v" * (LONGEST + 1)), ("a\x1bb", "x"), ("k", "a\nb")],
)
def test_what_is_no_label_is_refused(key: str, value: str) -> None:
    draft = LabelDraft([_box()])

    with pytest.raises(LabelError):
        draft.put(key, value)
    assert not draft.edit


def test_the_value_is_all_after_the_first_sign() -> None:
    assert parse_label("url=http://x/?a=b") == ("url", "http://x/?a=b")
    with pytest.raises(LabelError):
        parse_label("novalue")


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=5)), st.text(max_size=6), st.text(max_size=6))
def test_an_edit_never_touches_another_key(labels: dict[str, str], key: str, value: str) -> None:
    draft = LabelDraft([_box(**labels)])
    try:
        draft.put(key, value)
    except LabelError:
        return
    after = draft.edit.applied_to(labels)
    assert {k: v for k, v in after.items() if k != key.strip()} == {k: v for k, v in labels.items() if k != key.strip()}
