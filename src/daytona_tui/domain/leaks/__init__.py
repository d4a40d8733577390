"""Which sandboxes probably cost money for nothing, how likely that is, why, and what speaks against it.

``judge`` is pure: the moment and everything that somebody looked up come with the ``Evidence``, all numbers and
switches with the ``LeakPolicy``. What is not known protects: an unknown state, a missing time, a value that cannot be
read.
"""

from __future__ import annotations

from daytona_tui.domain.leaks.evidence import NOTHING_MORE, Evidence
from daytona_tui.domain.leaks.judging import judge, keepers
from daytona_tui.domain.leaks.policy import LeakPolicy, Protect
from daytona_tui.domain.leaks.ties import NO_TIES, Ties
from daytona_tui.domain.leaks.verdict import Action, Band, Guard, Offer, Reason, Total, Verdict, Verdicts

__all__ = [
    "NOTHING_MORE",
    "NO_TIES",
    "Action",
    "Band",
    "Evidence",
    "Guard",
    "LeakPolicy",
    "Offer",
    "Protect",
    "Reason",
    "Ties",
    "Total",
    "Verdict",
    "Verdicts",
    "judge",
    "keepers",
]
