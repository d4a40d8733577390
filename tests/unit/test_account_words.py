"""Ports, regions, quotas, usage and the audit log in words and cells; hostile texts are harmless in them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from daytona_tui.domain.audit import AuditEntry
from daytona_tui.domain.previews import Listener, PreviewLink, SignedLink
from daytona_tui.domain.regions import Region
from daytona_tui.domain.sandbox import SandboxId
from daytona_tui.domain.usage import Quota, Quotas, RegionQuotas, Used
from daytona_tui.presentation.account import (
    audit_about,
    audit_cells,
    audit_lines,
    full_words,
    hours,
    quota_cells,
    quota_rows,
    region_cells,
    usage_cells,
)
from daytona_tui.presentation.ports import port_about, port_cells, port_rows
from daytona_tui.presentation.safe_text import safe
from daytona_tui.presentation.tones import Tone

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


def test_quotas_that_mean_nothing_are_left_out_and_full_ones_say_so() -> None:
    quotas = Quotas((RegionQuotas("us", "container", cpu=Quota(9, 10), gpu=Quota(1, 0)),), snapshots=Quota(0, 5))
    rows = quota_rows(quotas)
    assert [(row.region, row.what) for row in rows] == [("us", "cpu"), ("us", "gpu"), ("", "snapshots")]
    assert [full_words(row.quota) for row in rows] == ["90%", "none allowed", "0%"]
    assert [cell.tone for cell in quota_cells(rows[0])][-1] is Tone.BAD
    assert quota_cells(rows[2])[0].text == "everywhere"
    assert full_words(Quota(12, 10)) == "120% full"


def test_hours_are_short() -> None:
    assert [hours(seconds) for seconds in (0, 1080, 36_000, 4_500_000)] == ["0.0h", "0.3h", "10h", "1,250h"]
    assert [cell.text for cell in usage_cells("a", Used(3600, 7200, 0, 0, 1.5))] == [
        "a", "$1.50", "1.0h", "2.0h", "0.0h", "—",
    ]  # fmt: skip


def test_ports_stand_in_order_with_their_signed_links_below() -> None:
    link = SignedLink(SandboxId("s"), 8080, "https://8080-t.h/", "t0ken", NOW + timedelta(minutes=5))
    links = {3000: PreviewLink(3000, "https://3000-s.h/")}
    rows = port_rows((Listener(8080, "node"), Listener(3000)), {9}, links, (link,))
    assert [(row.port, row.is_listening, row.signed is not None) for row in rows] == [
        (9, False, False),
        (3000, True, False),
        (8080, True, False),
        (8080, True, True),
    ]
    assert len({row.key for row in rows}) == 4
    assert port_cells(rows[3], NOW)[3].text.endswith("5m left")
    assert "t0ken" not in repr([*map(port_about, rows), *(port_cells(row, NOW) for row in rows)])
    assert port_about(rows[1]) == "https://3000-s.h/"


@given(st.text(max_size=40))
def test_hostile_texts_are_harmless(text: str) -> None:
    entry = AuditEntry(text, NOW, text, text, text, text, text, text, text, 500, text, text, text, text)
    shown = [
        *(cell.text for cell in audit_cells(entry, text)),
        *audit_lines(entry),
        *audit_about(entry),
        *(cell.text for cell in region_cells(Region(text, f"{text}x", text, text))),
        *(cell.text for cell in usage_cells(text, Used())),
    ]
    (row,) = port_rows((Listener(1, text),), (), {1: PreviewLink(1, text)}, ())
    shown += [port_about(row), *(cell.text for cell in port_cells(row, NOW))]
    assert all(words == safe(words) for words in shown)
