"""Going straight to a sandbox, wherever among the rows it is, and whatever hides it."""

from __future__ import annotations

from daytona_tui.domain.sandbox import Sandbox, SandboxId
from daytona_tui.presentation.safe_text import clip, safe
from daytona_tui.ui.panes.fleet import FleetPane


def jump_to(pane: FleetPane, sandbox_id: SandboxId) -> None:
    """Put the cursor on a sandbox. A group that is folded is opened for it, and a filter that hides it is cleared."""
    sandbox = pane.store.fleet.get(sandbox_id)
    if sandbox is None:
        pane.app.notify("it has been deleted meanwhile", title="Not there", severity="warning", markup=False)
        return
    if _reached(pane, sandbox) or not pane.view.filter_text:
        return
    said = clip(safe(pane.view.filter_text), 40)
    pane.filter_by("")
    pane.app.notify(f"“{said}” hid {clip(safe(sandbox.name), 40)}", title="Filter cleared", markup=False)
    _reached(pane, sandbox)


def _reached(pane: FleetPane, sandbox: Sandbox) -> bool:
    """Go to its row, opening its group first; False where the filter leaves it without one."""
    heading = pane.view.heading_of(sandbox)
    if heading is not None and heading.is_folded:
        pane.view.fold(heading, is_folded=False)
        pane.view_changed()
    return pane.table.move_to(sandbox.id)
