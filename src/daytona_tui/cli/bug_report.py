"""What a bug report needs beside the findings: versions, places, settings with their origins, what is set otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from daytona_tui.config.settings import Settings
    from daytona_tui.diagnostics import Diagnostics
    from daytona_tui.domain.leaks import LeakPolicy
    from daytona_tui.domain.sandbox import SandboxState

PACKAGES = ("daytona", "textual", "aiohttp", "python-socketio")
_SECTIONS = {"origins", "profiles", "login_trouble", "keys", "prices", "owners", "mine", "leaks"}
"""Fields of the settings that are shown in another way than by their value."""


def sections(settings: Settings, diagnostics: Diagnostics, trouble: str) -> dict[str, list[str]]:
    """Return the report: lines by their section, in the order they are shown.

    Args:
        settings: those that are used.
        diagnostics: where this run writes them.
        trouble: why the settings cannot be used, in words; empty when they can.
    """
    return {
        "versions": _versions(),
        "places": _places(diagnostics),
        "settings": [trouble] if trouble else _settings(settings),
        "profiles": _profiles(settings),
        "keys": _keys(settings),
        "prices": _prices(settings),
        "owners": _owners(settings),
        "leaks": _leaks(settings),
    }


def _versions() -> list[str]:
    import platform
    from importlib import metadata

    from daytona_tui import __version__

    lines = [f"daytona-tui {__version__}", f"Python {platform.python_version()} on {platform.platform()}"]
    for package in PACKAGES:
        try:
            lines.append(f"{package} {metadata.version(package)}")
        except metadata.PackageNotFoundError:
            lines.append(f"{package} is missing")
    return lines


def _places(diagnostics: Diagnostics) -> list[str]:
    from daytona_tui.config import paths

    config = paths.config_file()
    return [
        f"settings     {config}{'' if config.is_file() else ' (not there)'}",
        f"diagnostics  {diagnostics.trouble or diagnostics.file}",
    ]


def _settings(settings: Settings) -> list[str]:
    from dataclasses import fields

    from daytona_tui.config.connection import Secret, shown_url

    lines = []
    for field in fields(settings):
        if field.name in _SECTIONS:
            continue
        value = getattr(settings, field.name)
        if isinstance(value, Secret):
            value = value.masked
        elif field.name == "api_url":
            value = shown_url(value)
        elif isinstance(value, tuple):
            value = ", ".join(map(str, value))
        shown = str(value) or "not set"
        lines.append(f"{field.name:20} {shown}  [{settings.origin(field.name)}]")
    return lines


def _profiles(settings: Settings) -> list[str]:
    from daytona_tui.config.connection import DEFAULT_API_URL, shown_url

    lines = []
    for profile in settings.profiles:
        parts = [
            profile.name,
            shown_url(profile.api_url or DEFAULT_API_URL),
            profile.organization_id,
            profile.key_place,
        ]
        parts += ["read-only"] if profile.read_only else []
        parts += [profile.accent, f"[{profile.origin}]"]
        lines.append("  ".join(part for part in parts if part) + (" *" if profile.name == settings.profile else ""))
    lines += [f"a login is left out: {settings.login_trouble}"] if settings.login_trouble else []
    return lines or ["(none)"]


def _keys(settings: Settings) -> list[str]:
    from daytona_tui import bootstrap

    lines = [f"{command}  {keys!r}" for command, keys in settings.keys.items()]
    return [*lines, *bootstrap.keymap_problems(settings)] or ["the usual ones"]


def _prices(settings: Settings) -> list[str]:
    book = settings.prices
    gpus = [f"{kind} ${price:g}" for kind, price in book.gpu.items()]
    return [
        f"from {book.words}; whatever is computed from them is an estimate",
        f"an hour: vCPU ${book.cpu:g}, GiB memory ${book.memory:g}, GiB disk ${book.disk:g}"
        f" ({book.free_disk_gib:g} GiB free), {', '.join(gpus)}",
    ]


def _owners(settings: Settings) -> list[str]:
    mine = settings.mine
    lines = [f"{rule.owner}: {rule.text}" for rule in settings.owners]
    said = [*sorted(mine.owners), *(f"{key}={value}" if value else key for key, value in mine.labels), mine.text]
    lines += [f"mine: {', '.join(filter(None, said))}"] if any(said) else []
    return lines or ["(no rules of yours)"]


def _leaks(settings: Settings) -> list[str]:
    from dataclasses import fields

    from daytona_tui.domain.leaks import LeakPolicy

    policy, usual = settings.leak_policy, LeakPolicy()
    lines = [
        f"{each.name} = {getattr(policy, each.name)}"
        for each in fields(policy)
        if isinstance(getattr(usual, each.name), int | float)
        and getattr(policy, each.name) != getattr(usual, each.name)
    ]
    lines += [f"{code} counts {weight}" for code, weight in policy.weights.items() if weight != usual.weights[code]]
    lines += [f"not looked for: {', '.join(sorted(policy.off))}"] if policy.off else []
    lines += [f"stuck after {policy.stuck_min[state]} min: {state}" for state in _changed(policy, usual)]
    lines += [f"work inside: {', '.join(sorted(policy.inside))}"] if policy.inside != usual.inside else []
    lines += [f"protected: {rule.filter.text}" + (f" ({rule.why})" if rule.why else "") for rule in policy.protects]
    return lines or ["(as usual)"]


def _changed(policy: LeakPolicy, usual: LeakPolicy) -> list[SandboxState]:
    return [state for state, minutes in policy.stuck_min.items() if minutes != usual.stuck_min[state]]
