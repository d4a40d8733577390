"""What a pull will do is decided before it does anything."""

from __future__ import annotations

import pytest

from daytona_tui.domain.files import FileEntry
from daytona_tui.domain.transfers import ConflictPolicy
from daytona_tui.errors import TransferError
from daytona_tui.transfer.engine import BATCH_BYTES, BATCH_FILES, in_requests
from daytona_tui.transfer.plan import PlannedFile, apply_policy, plan_tree
from daytona_tui.transfer.safety import MAX_PATH_BYTES, link_objection
from daytona_tui.transfer.walk import Found, Tree


def _tree(*paths: str) -> Tree:
    """Return a tree of files, and of directories where the path ends in a slash."""
    tree = Tree("/w")
    for path in paths:
        parts = tuple(path.rstrip("/").split("/"))
        entry = FileEntry(parts[-1], f"/w/{path}", path.endswith("/"), 10, "-rwxr-xr-x")
        (tree.directories if entry.is_dir else tree.files).append(Found(parts, entry))
    return tree


def test_everything_found_is_planned() -> None:
    plan = plan_tree(_tree("a/", "a/b/", "a/b/x", "y"), fold_case=False)

    assert [parts for parts, _ in plan.directories] == [("a",), ("a", "b")]
    assert [(file.source, file.target) for file in plan.files] == [("/w/a/b/x", ("a", "b", "x")), ("/w/y", ("y",))]
    assert plan.size_bytes == 20
    assert all(file.executable for file in plan.files)


def test_names_that_differ_in_case_are_both_kept_where_they_can_be() -> None:
    assert len(plan_tree(_tree("Readme", "README"), fold_case=False).files) == 2


def test_names_that_collide_leave_out_the_second_with_what_is_in_it() -> None:
    plan = plan_tree(_tree("Src/", "src/", "src/x", "Src/y", "README", "readme"), fold_case=True)

    assert [file.target for file in plan.files] == [("Src", "y"), ("README",)]
    assert [item.path for item in plan.left_out] == ["/w/src", "/w/readme"]


def test_a_server_that_names_a_file_twice_gets_it_copied_once() -> None:
    assert len(plan_tree(_tree("x", "x"), fold_case=False).files) == 1


def test_failing_names_the_first_conflict_and_counts_the_others() -> None:
    plan = plan_tree(_tree("a", "b", "c"), fold_case=False)

    with pytest.raises(TransferError, match="'a' and 1 more exists"):
        apply_policy(plan, {("a",), ("b",)}, ConflictPolicy.FAIL)


def test_skipping_leaves_out_with_a_reason() -> None:
    plan = apply_policy(plan_tree(_tree("a", "b"), fold_case=False), {("a",)}, ConflictPolicy.SKIP)

    assert [file.target for file in plan.files] == [("b",)]
    assert [item.path for item in plan.left_out] == ["/w/a"]


@pytest.mark.parametrize("policy", ConflictPolicy)
def test_without_conflicts_no_policy_changes_a_thing(policy: ConflictPolicy) -> None:
    plan = plan_tree(_tree("a", "b"), fold_case=False)

    assert apply_policy(plan, set(), policy) == plan


def test_batches_are_bounded_in_files_and_bytes_and_lose_nothing() -> None:
    many = [PlannedFile(f"/{n}", (str(n),), 1) for n in range(2 * BATCH_FILES + 1)]
    big = [PlannedFile(f"/big{n}", (f"big{n}",), BATCH_BYTES // 2 + 1) for n in range(3)]

    result = list(in_requests([*many, *big]))

    assert [file for batch in result for file in batch] == [*many, *big]
    assert max(map(len, result)) <= BATCH_FILES
    assert all(len(batch) == 1 or sum(file.size_bytes for file in batch) <= BATCH_BYTES for batch in result)


def test_a_path_is_as_long_as_its_bytes() -> None:
    names = ["\N{CJK UNIFIED IDEOGRAPH-4E2D}" * 15] * 100
    deep = ["/".join(names[: depth + 1]) + "/" for depth in range(100)]

    plan = plan_tree(_tree(*deep, "x"), fold_case=False)

    assert max(len("/".join(parts).encode()) for parts, _ in plan.directories) <= MAX_PATH_BYTES
    assert [item.reason for item in plan.left_out] == ["its path is too long for this system"]
    assert link_objection("\N{CJK UNIFIED IDEOGRAPH-4E2D}" * 2000, 0) == "a link that is too long for this system"
