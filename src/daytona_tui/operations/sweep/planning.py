"""From a look at the fleet to a plan whose rows were all looked into: the same for the screen and without one."""

from __future__ import annotations

import asyncio

from daytona_tui.operations.sweep.making import Scan, Wish, make_sweep
from daytona_tui.operations.sweep.plan import SweepPlan
from daytona_tui.operations.sweep.scanning import MOST_LOOKED_INTO, Look, Scanner


async def planned(
    scanner: Scanner, look: Look, wish: Wish, connection: str, label: str, most: int = MOST_LOOKED_INTO
) -> tuple[SweepPlan, Look]:
    """Return the plan of a sweep, and the look that it was made from in the end.

    Whoever it would touch, or was marked, is looked into where the look has not done so; then it is planned anew.

    Args:
        scanner: has looked.
        look: at the whole fleet.
        wish: what is wanted.
        connection: its id.
        label: its name for people.
        most: how many are looked into at the most.
    """

    async def plan_of(look: Look) -> SweepPlan:
        scan = Scan(look.verdicts, look.evidence.now, connection, label, looked_into=look.looked_into)
        return await asyncio.to_thread(make_sweep, scan, wish)

    plan = await plan_of(look)
    concerned = plan.acting if wish.marked is None else plan.rows
    missing = [row.sandbox for row in concerned if row.sandbox.id not in look.looked_into][:most]
    if not missing:
        return plan, look
    look = await scanner.look_further(look, missing)
    return await plan_of(look), look
