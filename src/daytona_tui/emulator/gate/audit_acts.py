"""The acts that the audit log knows: which route is which act, and on what.

The words are those that the published interface lists.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Act:
    """What a route does.

    Attributes:
        action: the log's word for it.
        target_type: what it is done to.
        target: which path parameter names the target, from 0; None when the answer does, by its id.
    """

    action: str
    target_type: str
    target: int | None = 0


_SANDBOX = {
    "start": "start",
    "stop": "stop",
    "pause": "pause",
    "recover": "recover",
    "resize": "resize",
    "archive": "archive",
    "backup": "create_backup",
    "snapshot": "snapshot",
    "fork": "fork",
    "public/{}": "update_public_status",
    "signing-key/rotate": "rotate_signing_key",
    "autostop/{}": "set_auto_stop_interval",
    "autopause/{}": "set_auto_pause_interval",
    "autoarchive/{}": "set_auto_archive_interval",
    "autodelete/{}": "set_auto_delete_interval",
    "ttl/{}": "set_ttl",
    "network-settings": "update_network_settings",
    "ssh-access": "create_ssh_access",
    "ports/{}/signed-preview-url/{}/expire": "update",
}


def _sandbox_acts() -> dict[tuple[str, str], Act]:
    one = "/api/sandbox/{}"
    acts = {("POST", f"{one}/{path}"): Act(action, "sandbox") for path, action in _SANDBOX.items()}
    return acts | {
        ("POST", "/api/sandbox"): Act("create", "sandbox", None),
        ("DELETE", one): Act("delete", "sandbox"),
        ("PUT", f"{one}/labels"): Act("replace_labels", "sandbox"),
        ("PUT", f"{one}/secrets"): Act("update_secrets", "sandbox"),
        ("DELETE", f"{one}/ssh-access"): Act("revoke_ssh_access", "sandbox"),
        ("GET", f"{one}/ports/{{}}/preview-url"): Act("get_port_preview_url", "sandbox"),
        ("GET", f"{one}/ports/{{}}/signed-preview-url"): Act("get_port_preview_url", "sandbox"),
    }


def _acts_on(room: str, target_type: str) -> dict[tuple[str, str], Act]:
    return {
        ("POST", room): Act("create", target_type, None),
        ("DELETE", f"{room}/{{}}"): Act("delete", target_type),
    }


_ORGANIZATION = "/api/organizations/{}"

ACTS = MappingProxyType(
    _sandbox_acts()
    | _acts_on("/api/snapshots", "snapshot")
    | _acts_on("/api/volumes", "volume")
    | _acts_on("/api/secret", "secret")
    | _acts_on("/api/warm-pools", "warm_pool")
    | _acts_on("/api/api-keys", "api_key")
    | {
        ("DELETE", "/api/api-keys/{}/{}"): Act("delete", "api_key", 1),
        ("POST", "/api/snapshots/{}/activate"): Act("activate", "snapshot"),
        ("POST", "/api/snapshots/{}/deactivate"): Act("deactivate", "snapshot"),
        ("PATCH", "/api/secret/{}"): Act("update", "secret"),
        ("PATCH", "/api/warm-pools/{}"): Act("update", "warm_pool"),
        ("PATCH", f"{_ORGANIZATION}/quota"): Act("update_quota", "organization"),
        ("PATCH", f"{_ORGANIZATION}/quota/{{}}"): Act("update_region_quota", "organization"),
    }
)
"""The act of each route that is recorded, by method and pattern; ``{}`` stands for a parameter."""

INTERVALS = MappingProxyType(
    {
        "set_auto_stop_interval": "interval",
        "set_auto_pause_interval": "interval",
        "set_auto_archive_interval": "interval",
        "set_auto_delete_interval": "interval",
        "set_ttl": "ttlMinutes",
        "update_public_status": "isPublic",
    }
)
"""Acts whose last path segment is recorded too, and under which name."""

OF_THE_SERVER = ("auto_stop", "auto_archive", "auto_delete", "ttl_expire")
"""What the server itself does to sandboxes."""


def scenarios() -> list[dict[str, object]]:
    """Return the acts by what they are done to, as the interface lists them."""
    found: dict[str, list[str]] = {}
    for act in ACTS.values():
        actions = found.setdefault(act.target_type, [])
        if act.action not in actions:
            actions.append(act.action)
    found["sandbox"] += OF_THE_SERVER
    return [{"targetType": target_type, "actions": actions} for target_type, actions in found.items()]
