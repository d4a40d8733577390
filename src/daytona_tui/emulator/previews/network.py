"""What a sandbox may be told of its network, checked as a real server checks it; only the switch has an effect here."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Any

from daytona_tui.emulator.envelope import ApiError

MOST_NETWORKS = 10
MOST_DOMAINS = 20
_HIGHEST_PREFIX = 32
_DOMAIN = re.compile(r"(\*\.)?([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z]{2,}")
_TYPES = {"networkBlockAll": (bool, "boolean"), "networkAllowList": (str, "string"), "domainAllowList": (str, "string")}


def network_settings(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a sandbox's record that a request sets; an empty list is none.

    Args:
        body: a request that may name ``networkBlockAll``, ``networkAllowList`` and ``domainAllowList``.

    Raises:
        ApiError: 400, one of them is malformed, or they contradict each other.
    """
    given = {name: body[name] for name in _TYPES if body.get(name) is not None}
    for name, value in given.items():
        kind, word = _TYPES[name]
        if not isinstance(value, kind):
            raise ApiError(400, f"{name} must be a {word}" + (" value" if kind is bool else ""))
    networks, domains = given.get("networkAllowList", ""), given.get("domainAllowList", "")
    _check_networks(_entries(networks))
    _check_domains(_entries(domains))
    if networks.strip() and domains.strip():
        raise ApiError(
            400,
            "networkAllowList and domainAllowList are mutually exclusive and cannot be set at the same time. "
            "Provide only one of them.",
        )
    if given.get("networkBlockAll") and (networks.strip() or domains.strip()):
        raise ApiError(
            400,
            "networkBlockAll: true cannot be combined with a non-empty networkAllowList or domainAllowList. "
            "Remove the allow-list(s) or set networkBlockAll to false.",
        )
    fields = {"networkBlockAll": "network_block_all", "networkAllowList": "network_allow_list"}
    fields["domainAllowList"] = "domain_allow_list"
    return {fields[name]: value if isinstance(value, bool) else value.strip() or None for name, value in given.items()}


def _entries(text: str) -> list[str]:
    return [entry.strip() for entry in text.split(",") if entry.strip()]


def _check_networks(networks: list[str]) -> None:
    for network in networks:
        parts = network.split("/")
        if len(parts) != 2:
            raise ApiError(400, f'Invalid network format: "{network}". Must be CIDR notation (e.g., 192.168.1.0/24)')
        address, prefix = parts
        if not _is_ipv4(address):
            reason = f'Invalid IP address: "{address}" in network "{network}". Must be a valid IPv4 address'
            raise ApiError(400, reason)
        if not prefix:
            raise ApiError(400, f'Invalid network format: "{network}". Missing CIDR prefix length (e.g., /24)')
        if not (prefix.isascii() and prefix.isdigit()):
            reason = f"Invalid CIDR prefix length: {network}. Prefix must be an integer between 0 and 32"
            raise ApiError(400, reason)
        if len(prefix.lstrip("0")) > 2 or int(prefix) > _HIGHEST_PREFIX:
            raise ApiError(400, f"Invalid CIDR prefix length: {network}. Prefix must be between 0 and 32")
    if len(networks) > MOST_NETWORKS:
        raise ApiError(400, f"Network allow list cannot contain more than {MOST_NETWORKS} networks")


def _check_domains(domains: list[str]) -> None:
    for domain in domains:
        if not _DOMAIN.fullmatch(domain):
            raise ApiError(
                400,
                f'Invalid domain: "{domain}". '
                "Must be a valid ASCII domain (optional leading *.) with an alphabetic top-level domain",
            )
    if len(domains) > MOST_DOMAINS:
        raise ApiError(400, f"Domain allow list cannot contain more than {MOST_DOMAINS} domains")


def _is_ipv4(text: str) -> bool:
    try:
        ipaddress.IPv4Address(text)
    except ValueError:
        return False
    return True
