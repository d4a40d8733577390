"""The audit log, as far back as somebody wants to read it."""

from __future__ import annotations

from daytona_tui.domain.audit import AuditEntry, AuditQuestion
from daytona_tui.domain.ports import Account

PAGE = 100
MOST_PAGES = 100
"""A log may be endless, and a server may give the same page for ever."""


async def entries(
    account: Account, question: AuditQuestion, *, limit: int, failed: bool = False
) -> tuple[AuditEntry, ...]:
    """Return at most ``limit`` entries, the newest first; with ``failed`` only what was refused, or failed.

    Raises:
        AuthError: the key may not read the log.
        UnsupportedError: the server keeps none, or does not choose by what is asked.
    """
    found: list[AuditEntry] = []
    seen: set[str] = set()
    after = ""
    for _ in range(MOST_PAGES):
        if len(found) >= limit:
            break
        size = PAGE if failed else min(PAGE, limit - len(found))
        page = await account.audit_page(question, limit=size, after=after)
        fresh = [each for each in page.entries if not each.id or each.id not in seen]
        seen.update(each.id for each in fresh)
        found.extend(each for each in fresh if each.is_bad or not failed)
        after = page.next_token
        if not after or not fresh:
            break
    return tuple(found[:limit])
