"""Which of the places that recipes name are there: one look with a shell's own globs."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from daytona_tui.domain.ports import Inspector
from daytona_tui.domain.recipes import Recipe
from daytona_tui.domain.sandbox import SandboxId

MOST_OF_EACH = 20
"""Paths that are told of each recipe, the newest of two hundred."""

_LOOK_S = 30
_MOST_BYTES = 1_000_000
_GLOB = re.compile(r"(~|/[\w.*-]+)(/[\w.*-]+)*")

# T is a mark that nobody in the sandbox knows. Globs are this program's own, of letters that no shell obeys but * and
# the ~ at the beginning; what they find is printed, never read.
_HEAD = r"""
t() {
  n=0
  for f; do
    [ -e "$f" ] || continue
    n=$((n + 1)); [ $n -gt 200 ] && break
    k=f; [ -d "$f" ] && k=d
    printf '%s %s %s\0' "$k" "$(stat -L -c '%s %Y' "$f" 2> /dev/null || echo '0 0')" "$f"
  done
}
"""


class Dish(NamedTuple):
    """Something that a recipe led to.

    Attributes:
        title: of the recipe.
        path: absolute, in the sandbox: hostile text.
        is_dir: it is a directory.
        size_bytes: length of a file.
        modified_at: when it was written last; None where that is not told.
    """

    title: str
    path: str
    is_dir: bool
    size_bytes: int
    modified_at: datetime | None


async def served(gateway: Inspector, sandbox_id: SandboxId, recipes: Sequence[Recipe]) -> tuple[Dish, ...]:
    """Return what is there, in the order of ``recipes``, of each the newest first; each path once. Peeks.

    Raises:
        DaytonaTuiError: it could not be looked at.
    """
    mark = secrets.token_hex(12)
    lines = [f"printf '%s\\0' {mark}; t {' '.join(filter(_GLOB.fullmatch, recipe.globs))}" for recipe in recipes]
    script = f"{_HEAD}{{\n" + "\n".join(lines) + f"\n}} 2> /dev/null | head -c {_MOST_BYTES}\nexit 0\n"
    outcome = await gateway.look(sandbox_id, script, timeout_s=_LOOK_S)
    dishes: dict[str, Dish] = {}
    for recipe, said in zip(recipes, outcome.output.split(f"{mark}\0")[1:], strict=False):
        found = [dish for record in said.split("\0") if (dish := _dish(recipe.title, record)) is not None]
        found.sort(key=lambda dish: dish.modified_at or datetime.min.replace(tzinfo=UTC), reverse=True)
        for dish in found[:MOST_OF_EACH]:
            dishes.setdefault(dish.path, dish)
    return tuple(dishes.values())


def _dish(title: str, record: str) -> Dish | None:
    kind, _, rest = record.partition(" ")
    size, _, rest = rest.partition(" ")
    seconds, _, path = rest.partition(" ")
    if kind not in ("f", "d") or not path.startswith("/") or not (size.isascii() and size.isdigit()):
        return None
    written = int(seconds) if seconds.isascii() and seconds.isdigit() else 0
    try:
        modified_at = datetime.fromtimestamp(written, UTC) if written else None
    except (ValueError, OverflowError, OSError):
        modified_at = None
    return Dish(title, path, kind == "d", int(size), modified_at)
