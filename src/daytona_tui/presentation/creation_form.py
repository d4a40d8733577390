"""The form of a new sandbox."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from daytona_tui.domain.cost import PriceBook, hourly, per_day
from daytona_tui.domain.creation import CreateOrder
from daytona_tui.domain.sandbox import Resources, Sandbox, SandboxId, SandboxState
from daytona_tui.domain.usage import Quotas
from daytona_tui.presentation.creation import command_line, drafted
from daytona_tui.presentation.creation_fields import BY_KEY, FIELDS
from daytona_tui.presentation.forms import Form, FormField, Kind, Value, Values
from daytona_tui.presentation.human import dollars
from daytona_tui.presentation.safe_text import clip, safe

LACKING = MappingProxyType(
    {"ttl": "TTL", "auto_pause": "AUTO_PAUSE", "secret": "SECRETS", "volume": "VOLUMES", "context": "CONTEXTS"}
)
"""Fields that an older server does not know, and the name of the ability."""

_LONGEST_LINE = 900
_NOTHING: Mapping[str, str] = MappingProxyType({})
_PRICES = PriceBook()


@dataclass(frozen=True, slots=True)
class Around:
    """What holds of an order beside what is typed.

    Attributes:
        lacking: what the server has not, in words by the key of the field.
        environ: where variables come from that are named without a value.
        quotas: what the organisation may use, as far as that is known when it is asked for.
        prices: for an estimate of the cost.
    """

    lacking: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    environ: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    quotas: Callable[[], Quotas | None] = lambda: None
    prices: PriceBook = _PRICES


_NOWHERE = Around()


def create_form(values: Values, around: Around = _NOWHERE, *, title: str = "New sandbox", trouble: str = "") -> Form:
    """Return the form.

    Args:
        values: what it begins with.
        around: what holds beside that.
        title: of the dialog; safe.
        trouble: what the last try came to; safe.
    """
    fields = tuple(
        FormField(
            each.key, each.label, each.kind, _hint(each.key, each.hint), each.group.value, values.get(each.key, ""),
            each.choices, around.lacking.get(each.key, ""),
        )
        for each in FIELDS
    )  # fmt: skip

    def largest(region: str) -> Resources:
        known = around.quotas()
        return Resources() if known is None else known.largest(region)

    def check(said: Values) -> Mapping[str, str]:
        if said.get("dockerfile") and said.get("dockerfile_text"):
            return {"dockerfile_text": "a path stands above: say one of them"}
        return drafted(assumed(said, around.environ), largest)[1]

    def told(said: Values) -> Sequence[str]:
        return tuple(filter(None, (_cost(drafted(said)[0], around.prices), _same(said))))

    return Form(title, fields, "Create", check, told, command_line, trouble=trouble)


def assumed(values: Values, environ: Mapping[str, str]) -> dict[str, Value]:
    """Return ``values`` with something in place of what only this machine's disk can tell; see ``with_dockerfile``."""
    found = dict(values)
    if values.get("dockerfile"):
        found["dockerfile_text"] = "FROM what-it-says"
    words = values.get("env")
    if isinstance(words, tuple):
        found["env"] = tuple(word if "=" in word or word not in environ else f"{word}=" for word in words)
    return found


def _same(values: Values) -> str:
    """Return the same as a line for a shell, as far as there is room for it."""
    first, *more = command_line(values).splitlines()
    return f"the same:  {clip(safe(first), _LONGEST_LINE)}{' …' if more else ''}"


def _cost(order: CreateOrder, prices: PriceBook) -> str:
    """Return what it costs, where it can be told; the size of a snapshot is not known here."""
    size = Resources(order.cpu, order.memory_gib, order.disk_gib, order.gpu, next(iter(order.gpu_types), ""))
    an_hour = hourly(Sandbox(SandboxId("new"), "", SandboxState.STARTED, resources=size), prices)
    if not an_hour or not order.is_built:
        return ""
    hour, day = dollars(an_hour), dollars(per_day(an_hour))
    return f"about ${hour} an hour while it runs, ${day} a day, by {prices.words}"


def _hint(key: str, hint: str) -> str:
    kind = BY_KEY[key].kind
    return f"{hint} · one of {', '.join(BY_KEY[key].choices)}" if kind is Kind.CHOICE else hint
