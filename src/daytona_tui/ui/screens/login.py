"""The dialog in which a key is pasted: it is tried on its server before it is kept, and nothing typed is lost."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from daytona_tui.config.connection import DEFAULT_API_URL, Connection, Secret, checked, shown_url
from daytona_tui.errors import AuthError, ConfigError, DaytonaTuiError
from daytona_tui.operations.login import Order, Place, usual_name, why_no_name
from daytona_tui.presentation.forms import Form, FormField, Kind, Values
from daytona_tui.presentation.phrases import phrase
from daytona_tui.presentation.safe_text import safe
from daytona_tui.ui.screens.form import FormScreen
from daytona_tui.ui.services import Choice, Door, LoggedIn, Offer

THIS_RUN = "this run"
_PLACES = {"keyring": Place.KEYRING, "file": Place.FILE, THIS_RUN: Place.NOWHERE}
_SOME_KEY = Secret("k" * 8)

ANOTHER_KEY = Offer("another key", Choice(Door.KEY), "any server", "it is tried, and kept where you say", "pasted here")
"""Among the connections to choose from: the one that the dialog makes."""

LogIn = Callable[[Order], Awaitable[LoggedIn]]


class LoginScreen(FormScreen):
    """Asks for a key, its server, and where to keep it; closes once the server has taken the key.

    Attributes:
        kept: what came of it; None before.
    """

    def __init__(self, api_url: str, log_in: LogIn, why_no_keyring: str | None) -> None:
        """Remember where to begin.

        Args:
            api_url: of the server that is proposed.
            log_in: tries a key, and keeps it.
            why_no_keyring: why there is no keyring to keep it in, in words; empty: there is one; None: not known yet.
        """
        # What is no plain address may be a key that was pasted into the wrong variable.
        is_plain = shown_url(api_url) == api_url
        super().__init__(_form(api_url if is_plain else DEFAULT_API_URL, why_no_keyring), self._try)
        self._log_in = log_in
        self._order: Order | None = None
        self.kept: LoggedIn | None = None

    async def _try(self, values: Values) -> Mapping[str, str]:
        """Return what is wrong, by the field; what is good is kept by then."""
        order = order_of(values)
        try:
            self.kept = await self._log_in(order)
        except AuthError as error:
            return {"key": f"the server refuses it: {error.message}"}
        except ConfigError as error:
            said = phrase(error)
            return {"place": " · ".join(filter(None, (said.detail, said.hint)))}
        except DaytonaTuiError as error:
            return {"api_url": phrase(error).line}
        self._order = order
        return {}

    @property
    def told(self) -> str:
        """What became of the key, in words; empty where nothing did."""
        if self.kept is None:
            return ""
        key = f"the key {self.kept.identity.key_name}".rstrip()
        return safe(" · ".join(filter(None, (f"{key} is good; kept {self.kept.where}", self.kept.note))))

    @property
    def choice(self) -> Choice:
        """What to open now that the key is good."""
        assert self._order is not None
        if self._order.place is Place.NOWHERE:
            return Choice(Door.KEY, self._order.key, profile="", api_url=self._order.api_url)
        return Choice(Door.SETTINGS, profile=self._order.name)


def order_of(values: Values) -> Order:
    """Return what the fields say."""
    api_url = str(values.get("api_url", "")).strip()
    name = str(values.get("name", "")) or usual_name(api_url)
    place = _PLACES.get(str(values.get("place", "")), Place.FILE)
    return Order(name, api_url, Secret(str(values.get("key", "")).strip()), place)


def _form(api_url: str, why_no_keyring: str | None) -> Form:
    places = ("file", THIS_RUN) if why_no_keyring else tuple(_PLACES)
    where, first = " · ".join(places), "file" if why_no_keyring is None else places[0]
    return Form(
        "Log in with a key",
        (
            FormField("key", "key", Kind.HIDDEN, hint="paste it; it is not shown"),
            FormField("api_url", "server", hint="its address, ends with /api", value=api_url),
            FormField("place", "keep it in", Kind.CHOICE, hint=where, value=first, choices=places),
            FormField("name", "call it", hint="empty: after the server"),
        ),
        submit="Try it",
        check=_check,
        told=_told,
        notes=(f"{why_no_keyring}: keys are kept in a file that only you may read",) if why_no_keyring else (),
    )


def _check(values: Values) -> Mapping[str, str]:
    wrong: dict[str, str] = {}
    order = order_of(values)
    if not order.key:
        wrong["key"] = "paste a key"
    for key, connection in (
        ("key", Connection("http://localhost/api", order.key)), ("api_url", Connection(order.api_url, _SOME_KEY))
    ):  # fmt: skip
        try:
            checked(connection)
        except ConfigError as error:
            wrong.setdefault(key, error.message.replace("DAYTONA_API_KEY", "it").replace("DAYTONA_API_URL", "it"))
    if str(values.get("place", "")) not in _PLACES:
        wrong["place"] = f"one of {', '.join(_PLACES)}"
    elif order.place is not Place.NOWHERE and (reason := why_no_name(order.name)):
        wrong["name"] = reason
    return wrong


def _told(values: Values) -> tuple[str, ...]:
    order = order_of(values)
    if order.place is Place.NOWHERE:
        return ("The server is asked first. The key is good until the program ends, and kept nowhere.",)
    return (f"The server is asked first. What it takes is kept as {order.name}, and used from the next start on.",)
