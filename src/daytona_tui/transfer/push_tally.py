"""What has come of a push so far, and what is said of it at the end."""

from __future__ import annotations

from collections import Counter

from daytona_tui.domain.transfers import TransferItem, TransferReport, Way
from daytona_tui.transfer.progress import Meter
from daytona_tui.transfer.push_plan import PushFile, PushPlan
from daytona_tui.transfer.push_script import WORDS, Said
from daytona_tui.transfer.push_stage import Stage


class Tally:
    """The counters of one push.

    Attributes:
        links: how many were made.
    """

    def __init__(self, plan: PushPlan, meter: Meter) -> None:
        self._plan = plan
        self._meter = meter
        self._failed: list[TransferItem] = []
        self._ways: Counter[Way] = Counter()
        self._size_bytes = 0
        self.links = 0

    def fail(self, path: str, reason: str) -> None:
        """Count a file that did not come."""
        self._failed.append(TransferItem(path, reason))

    def problem(self, said: Said, key: str, path: str) -> str:
        """Return, and note, why something did not go well; empty where it did."""
        word = said.problems.get(key, "")
        reason = WORDS.get(word, word.lower())
        if reason:
            self.fail(path, reason)
        return reason

    def arrived(self, file: PushFile, size_bytes: int, way: Way) -> None:
        """Count a file that is in its place."""
        self._ways[way] += 1
        self._size_bytes += size_bytes
        self._meter.finished(str(file.source))

    def report(self, seconds: float, stage: Stage) -> TransferReport:
        """Return what came of it."""
        plan = self._plan
        return TransferReport(
            plan.destination,
            sum(self._ways.values()),
            self._size_bytes,
            seconds,
            (*plan.left_out, *plan.skipped),
            (*plan.failed, *self._failed),
            equal=len(plan.equal),
            links=self.links,
            ways=tuple(way for way, _ in self._ways.most_common()),
            verified=self._verified(stage),
        )

    def _verified(self, stage: Stage) -> str:
        if not self._ways:
            return ""
        if not self._plan.options.checksums:
            said = "size"
        elif stage.hashed:
            said = "size and SHA-256"
        else:
            said = "size only: nothing in the sandbox makes SHA-256 sums"
        return said if stage.dated else f"{said}; the times of the files could not be set"
