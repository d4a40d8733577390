"""Where the run stands in a name: ``ci-{run}-*``. No regular expression, so that no name can make it slow."""

from __future__ import annotations

from dataclasses import dataclass

RUN = "{run}"


@dataclass(frozen=True, slots=True)
class RunInName:
    """A pattern for names, with ``{run}`` where the run stands and stars where anything may.

    Attributes:
        before: the literal parts up to the run, between the stars; the first is how the name begins.
        after: those behind it; the last is how the name ends.
    """

    before: tuple[str, ...]
    after: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> RunInName:
        """Return the pattern that ``text`` says.

        Raises:
            ValueError: it has no ``{run}`` or several, or two wildcards with nothing between them.
        """
        if text.count(RUN) != 1:
            raise ValueError(f"has to have {RUN} in it, once")
        before, after = text.split(RUN)
        if before.endswith("*") or after.startswith("*") or "**" in text:
            raise ValueError(f"has to have something between {RUN} and a star")
        return cls(tuple(before.split("*")), tuple(after.split("*")))

    def run_of(self, name: str) -> str:
        """Return the run that stands in ``name``; empty where the pattern does not fit.

        The run is as short as can be, unless it is the last thing that may be anything.
        """
        if not name.startswith(self.before[0]):
            return ""
        at = len(self.before[0])
        for part in self.before[1:]:
            found = name.find(part, at)
            if found < 0:
                return ""
            at = found + len(part)
        *inner, last = self.after
        if not inner:
            return name[at : len(name) - len(last)] if name.endswith(last) and len(name) - len(last) > at else ""
        end = name.find(inner[0], at + 1)
        rest = end + len(inner[0])
        for part in inner[1:]:
            found = name.find(part, rest) if end >= 0 else -1
            if found < 0:
                return ""
            rest = found + len(part)
        return name[at:end] if end >= 0 and name.endswith(last) and len(name) - len(last) >= rest else ""
