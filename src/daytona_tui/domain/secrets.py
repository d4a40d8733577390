"""Secrets of the organisation: names that stand for values. No value is ever read back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NewType

from daytona_tui.domain.sandbox import Sandbox, SandboxId

SecretId = NewType("SecretId", str)

_NAME = re.compile(r"[A-Za-z0-9_-]{1,128}")
_HOST = re.compile(r"(\*\.)?[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?(:\d{1,5})?|\*")
_LONGEST_VALUE = 1 << 16
_LONGEST_DESCRIPTION = 1024
_MOST_HOSTS = 100


@dataclass(frozen=True, slots=True)
class SecretEntry:
    """A secret of the organisation, without its value.

    Attributes:
        placeholder: what programs in sandboxes see in its place; not secret.
        hosts: where the value may be sent; empty: anywhere.
    """

    id: SecretId
    name: str
    description: str = ""
    hosts: tuple[str, ...] = ()
    placeholder: str = ""
    created_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SecretOrder:
    """A secret that is to be made, or the new value of one.

    Attributes:
        value: kept nowhere and shown nowhere.
    """

    name: str
    value: str = field(repr=False)
    description: str = ""
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SecretUser:
    """A sandbox in which a secret was seen, and the environment variables that have its placeholder."""

    sandbox: Sandbox
    variables: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SecretUsers:
    """Who has secrets.

    Attributes:
        of: for each sandbox that was looked into, the variables with the placeholder that each holds.
        unread: sandboxes that do not run, or could not be looked into; of these nothing is known.
    """

    of: Mapping[SandboxId, Mapping[str, str]] = field(default_factory=dict)
    unread: frozenset[SandboxId] = frozenset()

    def users_of(self, secret: SecretEntry, fleet: Iterable[Sandbox]) -> tuple[SecretUser, ...]:
        """Return the sandboxes of ``fleet`` in which ``secret`` was seen, each with the variables it is in."""
        found = (
            SecretUser(
                each,
                tuple(name for name, value in self.of.get(each.id, {}).items() if value == secret.placeholder),
            )
            for each in fleet
        )
        return tuple(user for user in found if user.variables and secret.placeholder)


def name_problem(name: str) -> str:
    """Return what is wrong with the name of a new secret, in words; empty when nothing is."""
    if not name:
        return "a secret has a name"
    if len(name) > 128:
        return f"a name has 128 characters at most, this one {len(name)}"
    return "" if _NAME.fullmatch(name) else "a name has letters, digits, dashes and underscores only"


def value_problem(value: str) -> str:
    """Return what is wrong with a value, without a word of it; empty when nothing is."""
    if not value:
        return "a secret has a value"
    if len(value) > _LONGEST_VALUE:
        return f"a value has {_LONGEST_VALUE:,} characters at most, this one {len(value):,}"
    return ""


def hosts_problem(hosts: Sequence[str]) -> str:
    """Return what is wrong with the hosts that a value may be sent to, in words; empty when nothing is."""
    if len(hosts) > _MOST_HOSTS:
        return f"{_MOST_HOSTS} hosts at most"
    bad = next((host for host in hosts if not _HOST.fullmatch(host)), None)
    return "" if bad is None else f"{bad[:60]!r} is no host, such as api.example.org or *.example.org"


def problems(order: SecretOrder) -> Mapping[str, str]:
    """Return what the server would refuse of an order: words by the name of the field; empty when it is right."""
    found = {
        "name": name_problem(order.name),
        "value": value_problem(order.value),
        "hosts": hosts_problem(order.hosts),
    }
    if len(order.description) > _LONGEST_DESCRIPTION:
        found["description"] = f"{_LONGEST_DESCRIPTION:,} characters at most"
    return {each: words for each, words in found.items() if words}


def hosts_in(text: str) -> tuple[str, ...]:
    """Return the hosts of a text that has them with commas or blanks between."""
    return tuple(dict.fromkeys(text.replace(",", " ").split()))
