"""What is asked for before a snapshot, a volume or a secret is made; and what was said, as an order and as a line."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from daytona_tui.domain import secrets, volumes
from daytona_tui.domain.sandbox import Sandbox
from daytona_tui.domain.secrets import SecretOrder, hosts_in
from daytona_tui.domain.snapshots import SANDBOX_CLASSES, SnapshotOrder, capture_problem, name_problem, problems
from daytona_tui.presentation.forms import Form, FormField, Kind, Values
from daytona_tui.presentation.safe_text import safe

_TAKEN = "there is one with this name"
_SIZES = ("cpu", "memory", "disk", "gpu")
_SOURCES = ("image", "dockerfile", "sandbox")
_SHAPE = (*_SIZES, "entrypoint", "region", "class")


@dataclass(frozen=True, slots=True)
class SnapshotWish:
    """What was said in the form of a new snapshot.

    Attributes:
        order: of an image or a Dockerfile; of a sandbox only its name counts.
        sandbox: whose files are to be kept; None where there is an image or a Dockerfile.
    """

    order: SnapshotOrder
    sandbox: Sandbox | None = None


def snapshot_form(
    taken: Collection[str],
    sandboxes: Sequence[Sandbox],
    *,
    lacks_capture: str = "",
    lacks_context: str = "",
    start: Values | None = None,
) -> Form:
    """Return the form of a new snapshot.

    Args:
        taken: names that are in use.
        sandboxes: those that there are.
        lacks_capture: why the server makes none of sandboxes, in words; empty where it does.
        lacks_context: why it takes no files for builds; likewise.
        start: what stands in it at first.
    """
    by_name = {each.name: each for each in sandboxes}
    able = tuple(name for name, each in by_name.items() if not capture_problem(each))
    said = start or {}

    def field(key: str, label: str, kind: Kind = Kind.TEXT, **more: str | tuple[str, ...]) -> FormField:
        return FormField(key, label, kind, value=said.get(key, ""), **more)  # type: ignore[arg-type]

    sizes, of = "Sandboxes made from it", "Made of one of these"
    fields = (
        field("name", "name", hint="letters, digits, . : - _ and /, such as team/python:3.12-1"),
        field("image", "image", hint="with a tag or digest: python:3.12", group=of),
        field("sandbox", "sandbox", hint="started or stopped; its files are kept", group=of, choices=able,
              locked=lacks_capture),
        field("dockerfile", "Dockerfile", Kind.BLOCK, hint="FROM …; built by the server", group=of),
        field("context", "context", hint="directory here that COPY and ADD take files from", group=of,
              locked=lacks_context),
        field("context_secrets", "also secrets", Kind.SWITCH, group=of),
        field("cpu", "cpu", Kind.COUNT, hint="processors; the server's usual where empty", group=sizes),
        field("memory", "memory", Kind.COUNT, hint="GiB", group=sizes),
        field("disk", "disk", Kind.COUNT, hint="GiB", group=sizes),
        field("gpu", "gpu", Kind.COUNT, hint="0 is none", group=sizes),
        field("entrypoint", "entrypoint", Kind.WORDS, hint="of an image: what is started", group=sizes),
        field("region", "region", hint="the organisation's own where empty", group=sizes),
        field("class", "class", Kind.CHOICE, hint=", ".join(SANDBOX_CLASSES), group=sizes, choices=SANDBOX_CLASSES),
    )  # fmt: skip
    return Form(
        "New snapshot",
        fields,
        check=lambda values: _snapshot_mistakes(values, taken, by_name),
        told=_snapshot_told,
    )


def snapshot_wish(values: Values, sandboxes: Sequence[Sandbox]) -> SnapshotWish:
    """Return what was said; the values were checked."""
    name = str(values.get("sandbox", ""))
    sandbox = next((each for each in sandboxes if name in (each.name, each.id)), None) if name else None
    return SnapshotWish(_order(values), sandbox)


def snapshot_line(values: Values) -> str:
    """Return the line for a shell that makes the same snapshot."""
    words = ["daytona-tui", "snapshots", "create", str(values.get("name", "NAME"))]
    flags = {"sandbox": "--from-sandbox", "class": "--class"}
    for key in ("image", "sandbox", *_SHAPE):
        value = values.get(key, "")
        if value:
            words += [flags.get(key, f"--{key}"), shlex.join(value) if isinstance(value, tuple) else str(value)]
    if values.get("dockerfile"):
        words += ["--dockerfile", "FILE"]
        words += ["--context", str(values["context"])] if values.get("context") else []
        words += ["--context-secrets"] if values.get("context_secrets") is True else []
    return shlex.join(words)


def _snapshot_told(values: Values) -> Sequence[str]:
    return (f"the same in a shell: {safe(snapshot_line(values))}",) if values.get("name") else ()


def _order(values: Values) -> SnapshotOrder:
    entrypoint = values.get("entrypoint", ())

    def number(key: str) -> int | None:
        text = str(values.get(key, ""))
        return int(text) if text.isascii() and text.isdigit() else None

    return SnapshotOrder(
        str(values.get("name", "")),
        image=str(values.get("image", "")),
        dockerfile=str(values.get("dockerfile", "")),
        entrypoint=entrypoint if isinstance(entrypoint, tuple) else (),
        cpu=number("cpu"),
        memory_gib=number("memory"),
        disk_gib=number("disk"),
        gpu=number("gpu"),
        region=str(values.get("region", "")),
        sandbox_class=str(values.get("class", "")),
        context=str(values.get("context", "")).strip(),
        sends_secrets=values.get("context_secrets") is True,
    )


def _snapshot_mistakes(values: Values, taken: Collection[str], sandboxes: Mapping[str, Sandbox]) -> Mapping[str, str]:
    name = str(values.get("name", ""))
    wrong = {"name": name_problem(name) or (_TAKEN if name in taken else "")}
    for key in _SIZES:
        text = str(values.get(key, ""))
        if text and not (text.isascii() and text.isdigit()):
            wrong[key] = "a whole number"
    said = [key for key in _SOURCES if values.get(key)]
    if len(said) > 1:
        wrong[said[1]] = f"{said[0] if said[0] != 'dockerfile' else 'Dockerfile'} is said already: leave one out"
    elif not said:
        wrong["image"] = "an image, a sandbox or a Dockerfile: say one"
    elif said == ["sandbox"]:
        wrong |= _sandbox_mistakes(values, sandboxes)
    else:
        words = {"memory_gib": "memory", "disk_gib": "disk", "sandbox_class": "class"}
        found = {words.get(key, key): text for key, text in problems(_order(values)).items() if key != "name"}
        wrong = {**found, **{key: text for key, text in wrong.items() if text}}
    return {key: text for key, text in wrong.items() if text}


def _sandbox_mistakes(values: Values, sandboxes: Mapping[str, Sandbox]) -> dict[str, str]:
    wanted = str(values["sandbox"])
    sandbox = sandboxes.get(wanted) or next((each for each in sandboxes.values() if each.id == wanted), None)
    wrong = {key: "it has the sandbox's: leave this empty" for key in _SHAPE if values.get(key)}
    wrong["sandbox"] = "no sandbox has this name or id" if sandbox is None else capture_problem(sandbox)
    return wrong


def volume_form(taken: Collection[str]) -> Form:
    """Return the form of a new volume."""

    def check(values: Values) -> Mapping[str, str]:
        name = str(values.get("name", ""))
        wrong = volumes.name_problem(name) or (_TAKEN if name in taken else "")
        return {"name": wrong} if wrong else {}

    def told(values: Values) -> Sequence[str]:
        return (f"the same in a shell: {safe(volume_line(str(values['name'])))}",) if values.get("name") else ()

    notes = ("A directory that sandboxes share; they mount it when they are created.",)
    return Form("New volume", (FormField("name", "name", hint="255 characters at most"),), check=check, told=told,
                notes=notes)  # fmt: skip


def volume_line(name: str) -> str:
    """Return the line for a shell that makes the same volume."""
    return shlex.join(["daytona-tui", "volumes", "create", name])


def secret_form(taken: Collection[str], *, of: str = "") -> Form:
    """Return the form of a new secret, or of the new value of one that is there.

    The value is not shown while it is typed, and is in no line for a shell.

    Args:
        taken: names that are in use.
        of: name of the one that is to be changed; empty for a new one.
    """
    fields = (
        FormField("name", "name", hint="letters, digits, - and _; 128 at most", value=of,
                  locked="its name stays" if of else ""),
        FormField("value", "value", Kind.HIDDEN, hint="not shown; never shown again"),
        FormField("hosts", "may go to", hint="hosts such as api.example.org *.example.org; empty: anywhere"),
        FormField("description", "description"),
    )  # fmt: skip

    def check(values: Values) -> Mapping[str, str]:
        order = secret_order({**values, "name": of} if of else values)
        wrong = dict(secrets.problems(order))
        if order.name in taken:
            wrong["name"] = _TAKEN
        return wrong

    def told(values: Values) -> Sequence[str]:
        if of or not values.get("name"):
            return ()
        return (f"the same in a shell: {safe(secret_line(secret_order(values)))}",)

    notes = ("Programs in sandboxes see a placeholder; the value goes in its place only to these hosts.",)
    title, submit = (f"New value of {safe(of)}", "Change") if of else ("New secret", "Create")
    return Form(title, fields, submit, check=check, told=told, notes=notes)


def secret_order(values: Values) -> SecretOrder:
    """Return what was said."""
    return SecretOrder(
        str(values.get("name", "")),
        str(values.get("value", "")),
        str(values.get("description", "")),
        hosts_in(str(values.get("hosts", ""))),
    )


def secret_line(order: SecretOrder) -> str:
    """Return the line for a shell that makes the same secret; the value is read from standard input there."""
    words = ["daytona-tui", "secrets", "create", order.name, "--value-stdin"]
    for host in order.hosts:
        words += ["--host", host]
    return shlex.join([*words, *(["--description", order.description] if order.description else [])])
