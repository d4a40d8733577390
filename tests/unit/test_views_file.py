"""What is remembered of the layout: written whole and privately, read with whatever is in the file."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daytona_tui.config.kept_file import write_private
from daytona_tui.config.views import Remembered, load_views, save_views, views_file
from daytona_tui.domain.filters import FilterError, parse
from daytona_tui.domain.views import USUAL, Arrangement, ColumnChoice, NamedView, Sort

ARRANGEMENT = Arrangement(
    (ColumnChoice("name", 20), ColumnChoice("label:team")), (Sort("idle", is_reversed=True), Sort("name")), "label:team"
)
REMEMBERED = Remembered(ARRANGEMENT, (NamedView("hot ones", "state:started idle>1h", ARRANGEMENT), NamedView("all")))


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    path = views_file(tmp_path / "profiles" / "one")

    save_views(path, REMEMBERED)

    assert load_views(path) == (REMEMBERED, "")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_nothing_remembered_is_the_usual(tmp_path: Path) -> None:
    assert load_views(views_file(tmp_path)) == (Remembered(), "")


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"x"', "\x00", "[" * 100_000, "\xff\xfe"])
def test_what_is_no_such_file_is_put_aside_and_said(tmp_path: Path, text: str) -> None:
    path = views_file(tmp_path)
    path.write_bytes(text.encode("latin-1"))

    remembered, trouble = load_views(path)

    assert remembered == Remembered()
    assert "was damaged" in trouble
    assert not path.exists()
    assert path.with_suffix(".damaged").read_bytes() == text.encode("latin-1")


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    path = views_file(tmp_path)
    path.mkdir()

    remembered, trouble = load_views(path)

    assert remembered == Remembered()
    assert "cannot be read" in trouble


def test_what_is_not_understood_is_left_out_and_the_rest_stays(tmp_path: Path) -> None:
    path = views_file(tmp_path)
    document = {
        "version": 99,
        "arrangement": {"columns": [{"key": "name", "width": "x"}, {"key": 3}, 7], "sorts": None, "group": "nosuch"},
        "views": [{"name": "a", "filter": 5}, {"name": ""}, 1, {"name": "b", "arrangement": []}, {"filter": "x"}],
    }
    path.write_text(json.dumps(document))

    remembered, trouble = load_views(path)

    assert trouble == ""
    assert remembered.arrangement == Arrangement((ColumnChoice("name"),), USUAL.sorts, "")
    assert [view.name for view in remembered.views] == ["a", "b"]
    with pytest.raises(FilterError):
        parse(remembered.views[0].filter)


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    path = views_file(tmp_path)
    save_views(path, REMEMBERED)
    before = path.read_bytes()

    with pytest.raises(UnicodeEncodeError):
        write_private(path, "\ud800")

    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["columns", "sorts", "group", "views", "name", "filter", "key"]), inner)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["arrangement", "views", "version"]), JSON))
def test_no_document_stops_the_program(tmp_path_factory: pytest.TempPathFactory, document: dict[str, object]) -> None:
    path = views_file(tmp_path_factory.mktemp("state"))
    path.write_text(json.dumps(document))

    remembered, _trouble = load_views(path)
    save_views(path, remembered)

    assert load_views(path) == (remembered, "")


NAMES = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20)


@given(st.lists(st.builds(NamedView, NAMES, NAMES), max_size=5, unique_by=lambda view: view.name))
def test_every_view_comes_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, views: list[NamedView]) -> None:
    path = views_file(tmp_path_factory.mktemp("state"))

    save_views(path, Remembered(USUAL, tuple(views)))

    assert load_views(path)[0].views == tuple(views)
