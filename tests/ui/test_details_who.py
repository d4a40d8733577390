"""Who made the sandbox under the cursor, in the details: asked for only while somebody looks, and remembered."""

from __future__ import annotations

import aiohttp
from tests.ui.driver import OpenApp, Opened

from daytona_tui.emulator.mishaps.faults import FaultRule
from daytona_tui.ui.panes.details import DetailsPane

LOG = "/api/audit/organizations/*"


def shown(opened: Opened) -> dict[str, tuple[str, str]]:
    """Value and note of each line of the details."""
    pane = opened.screen.query_one(DetailsPane)
    return {
        line.field.label: (line.field.cell.text, line.field.note) for line in pane.view._lines if line.field is not None
    }


async def make(opened: Opened, name: str) -> None:
    headers = {"Authorization": f"Bearer {opened.emulator.api_key}", "X-Daytona-Source": "sdk-python"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(f"{opened.emulator.api_url}/sandbox", json={"name": name}) as response,
    ):
        assert response.status < 300
    await opened.until(lambda: name in opened.names())


async def look(opened: Opened, name: str) -> None:
    await opened.go_to(name)
    await opened.press("d")


async def test_who_made_it_is_read_when_somebody_looks(open_app: OpenApp) -> None:
    async with open_app() as opened:
        await make(opened, "hermes-ours")
        assert not opened.screen.services.who.trails
        await look(opened, "hermes-ours")
        await opened.until(lambda: "made by" in shown(opened))
        value, note = shown(opened)["made by"]
        assert value == "local@localhost"
        assert note.startswith(f"key …{opened.emulator.api_key[-3:]} · sdk-python")
        assert shown(opened)["mine"] == ("yes", "made with this key")
        assert shown(opened)["owner"][0] == "hermes"


async def test_what_the_log_does_not_have_and_what_it_does_not_answer_is_said(open_app: OpenApp) -> None:
    async with open_app() as opened:
        await look(opened, "scratch")
        await opened.until(lambda: shown(opened).get("made by") == ("—", "the audit log has nothing of it"))
        assert "mine" not in shown(opened)
        opened.emulator.faults.add(FaultRule(path=LOG, status=500))
        await opened.press("1")
        await look(opened, "nightly-etl")
        await opened.until(lambda: shown(opened).get("made by", ("", ""))[1].startswith("Daytona failed"))


async def test_a_missing_permission_is_said(open_app: OpenApp) -> None:
    async with open_app() as opened:
        opened.emulator.faults.add(FaultRule(path=LOG, status=403, body={"message": "Access denied"}))
        await look(opened, "scratch")
        await opened.until(lambda: shown(opened).get("made by") == ("—", "no audit permission"))
        await opened.press("1")
        await look(opened, "nightly-etl")
        await opened.until(lambda: shown(opened).get("name", ("", ""))[0] == "nightly-etl")
        told = [each.message for each in opened.notices if each.title == "Audit log"]
        assert told == ["no audit permission: who made a sandbox is told by its marks alone"]


async def test_the_row_of_a_sandbox_without_marks_says_who_made_it_once_the_log_told(open_app: OpenApp) -> None:
    async with open_app() as opened:
        await make(opened, "nobodys")
        await look(opened, "nobodys")
        await opened.until(lambda: shown(opened).get("owner", ("", ""))[0] == "local@localhost")
        assert shown(opened)["owner"][1].startswith("certain: audit log: key …")

        await opened.press("1", "slash", *"owner:local@localhost", "enter")

        assert opened.names() == ["nobodys"]
