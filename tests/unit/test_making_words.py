"""What is said of the making of a sandbox."""

from __future__ import annotations

from datetime import UTC, datetime

from daytona_tui.domain.audit import AuditTrail
from daytona_tui.domain.sandbox import Sandbox, SandboxId, SandboxState
from daytona_tui.presentation.details import Known, sections
from daytona_tui.presentation.fields import Field
from daytona_tui.presentation.making import Making, made_with, making_fields

NOW = datetime(2026, 1, 1, tzinfo=UTC)
TRAIL = AuditTrail("ana@example.org", "abc", "sdk-python", "sdk-python/0.226.1", NOW, "u-1", "dtn")


def fields(making: Making) -> dict[str, Field]:
    return {field.label: field for field in making_fields(making)}


def test_who_made_it_with_what_and_whether_that_was_us() -> None:
    shown = fields(Making(TRAIL, why_mine="made with this key"))
    assert shown["made by"].cell.text == shown["made by"].raw == "ana@example.org"
    assert shown["made by"].note == "key …abc · sdk-python/0.226.1"
    assert (shown["mine"].cell.text, shown["mine"].note) == ("yes", "made with this key")


def test_nothing_is_said_before_it_was_asked_and_why_it_is_not_told_after() -> None:
    assert fields(Making()) == {}
    shown = fields(Making(untold="no audit permission"))
    assert (shown["made by"].cell.text, shown["made by"].note) == ("—", "no audit permission")
    assert "mine" not in shown


def test_an_agent_that_is_not_the_sdks_stands_beside_it() -> None:
    assert made_with(AuditTrail(sdk="cli", user_agent="Go-http-client/2.0")) == "cli Go-http-client/2.0"
    assert made_with(AuditTrail(sdk="cli")) == "cli"
    assert made_with(AuditTrail()) == ""


def test_what_a_client_calls_itself_cannot_hurt() -> None:
    hostile = AuditTrail("a\x1b[2J\nb", "\x07z", "s\x1b]0;x\x07", "u" * 500 + "\n")
    shown = fields(Making(hostile, why_mine="the settings say that \x1b[31m is me"))
    for field in shown.values():
        assert "\x1b" not in field.cell.text + field.note
        assert "\n" not in field.cell.text + field.note
        assert "\x07" not in field.cell.text + field.note
    assert len(shown["made by"].note) < 80


def test_the_details_say_it_with_the_owner() -> None:
    sandbox = Sandbox(SandboxId("id"), "x", SandboxState.STARTED, labels={"hermes_task_id": "fix"})
    [identity] = [
        section for section in sections(sandbox, Known(NOW, making=Making(TRAIL))) if section.title == "Identity"
    ]
    shown = {field.label: field for field in identity.fields}
    assert [label for label in shown if label in {"owner", "run", "made by"}] == ["owner", "run", "made by"]
    assert shown["owner"].note == "certain: label hermes_task_id"
