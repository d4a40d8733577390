"""Orders of sandboxes as people write them: values of fields to an order and back, the command line, the order file."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterator, Mapping

from daytona_tui.domain.code import Language
from daytona_tui.domain.creation import (
    CreateOrder,
    FromBuilder,
    FromDockerfile,
    FromImage,
    FromSnapshot,
    Mount,
    Repository,
    Source,
    Upload,
)
from daytona_tui.domain.creation_checks import check
from daytona_tui.domain.git_address import without_login, without_logins
from daytona_tui.domain.masking import masked_value
from daytona_tui.domain.sandbox import Resources
from daytona_tui.presentation.creation_fields import BY_KEY, FIELDS, Field
from daytona_tui.presentation.forms import Kind, Value, Values
from daytona_tui.presentation.lifetimes import IntervalError, parse_interval, setting_words

_BUILDER = ("base", "debian_slim", "python", "pip", "run", "image_env", "workdir", "image_user")
_CONTEXT = ("context", "context_secrets")
_SOURCES = {"snapshot": "a snapshot", "image": "an image", "dockerfile": "a Dockerfile", "base": "parts"}
_MANY_DIGITS = 10


def _no_limit(_region: str) -> Resources:
    return Resources()


class OrderError(ValueError):
    """What was said makes no order.

    Attributes:
        mistakes: what is wrong, in words, by the key of the field.
    """

    def __init__(self, mistakes: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{BY_KEY[key].label}: {words}" for key, words in mistakes.items()))
        self.mistakes = mistakes


def order_of(values: Values) -> CreateOrder:
    """Return the order that ``values`` make. A Dockerfile's text stands under ``dockerfile_text``, read by the caller.

    Raises:
        OrderError: something is wrong; all of it is said.
    """
    order, mistakes = drafted(values)
    if mistakes:
        raise OrderError(mistakes)
    return order


def drafted(values: Values, largest: Callable[[str], Resources] = _no_limit) -> tuple[CreateOrder, dict[str, str]]:
    """Return the order as far as ``values`` make one, and what is wrong with it by the key of the field.

    ``largest`` tells what one sandbox may have in a region.
    """
    reading = _Reading(values)
    order = reading.order()
    mistakes = dict(reading.mistakes)
    for problem in check(order, largest(order.target)):
        key = _key_for(problem.field, values)
        mistakes.setdefault(key, problem.words)
    return order, mistakes


def values_of(order: CreateOrder) -> dict[str, Value]:
    """Return what would have to be said for ``order``; what is left to the server is left out."""
    found: dict[str, Value] = {
        "name": order.name, "target": order.target, "user": order.user, "linked_to": order.linked_to,
        "proxy": order.outbound_proxy, "telemetry": order.telemetry_endpoint,
        "language": order.language.value if order.language else "",
        "label": _pairs(order.labels), "env": _pairs(order.env), "secret": _pairs(order.secrets),
        "cpu": _text(order.cpu), "memory": _text(order.memory_gib), "disk": _text(order.disk_gib),
        "gpu": _text(order.gpu), "gpu_type": order.gpu_types, "spot": order.spot, "kvm": order.kvm,
        "ephemeral": order.ephemeral, "public": order.public, "block_network": order.block_network,
        "allow_network": order.networks, "allow_domain": order.domains,
        "volume": tuple(":".join(filter(None, (each.volume, each.path, each.subpath))) for each in order.volumes),
        "upload": tuple(f"{each.local}:{each.remote}" if each.remote else each.local for each in order.uploads),
        **_source_values(order.source),
    }  # fmt: skip
    for field in FIELDS:
        if field.timer is not None and (minutes := getattr(order, field.attribute)) is not None:
            found[field.key] = setting_words(field.timer, minutes)
    if (clone := order.repository) is not None:
        found |= {"repo": clone.url, "repo_path": clone.path, "branch": clone.branch, "commit": clone.commit}
        found |= {"depth": _text(clone.depth), "login": clone.login}
        found |= {"token_env": clone.token_env, "login_user": clone.login_user}
    return {field.key: found[field.key] for field in FIELDS if found.get(field.key)}


def command_line(values: Values) -> str:
    """Return the subcommand that orders the same, for a shell; what looks like a secret is masked."""
    words = ["daytona-tui", "create"]
    for field in FIELDS:
        value = values.get(field.key)
        if not value or (field.key == "dockerfile_text" and values.get("dockerfile")):
            continue
        if field.key == "dockerfile_text":
            words += ["--dockerfile", "-"]
        elif value is True:
            words.append(field.flag)
        elif isinstance(value, tuple):
            words += [word for each in value for word in (field.flag, _masked(field, each))]
        else:
            words += [field.flag, _masked(field, str(value))]
    line = shlex.join(words)
    text = values.get("dockerfile_text")
    if text and not values.get("dockerfile"):
        return f"{line} {_here_document(str(text).rstrip())}"
    return line


def _here_document(text: str) -> str:
    lines, end = text.split("\n"), "DOCKERFILE"
    while end in lines:  # what comes behind it would be run here
        end += "_"
    return f"<<'{end}'\n{text}\n{end}"


def order_file(values: Values) -> str:
    """Return the order as a file that ``create --from-file`` reads; it holds every value as it is."""
    lines = []
    for field in FIELDS:
        value = values.get(field.key)
        if not value:
            continue
        if value is True:
            told = "true"
        elif isinstance(value, tuple):
            told = "[" + ", ".join(_quoted(each) for each in value) + "]"
        else:
            told = str(value) if field.kind is Kind.COUNT else _quoted(str(value))
        lines.append(f"{field.key} = {told}\n")
    return "".join(lines)


def without_source(values: Values, nearer: Values) -> dict[str, Value]:
    """Return ``values`` without what they begin as, where ``nearer`` says another beginning; else as they are.

    Sizes are for images, so with an image they go as well when a snapshot takes its place.
    """
    keys = {"snapshot", "image", "dockerfile", "dockerfile_text", *_BUILDER}
    said = {key for key in nearer if key in keys}
    if not said:
        return dict(values)
    kept = keys if said <= set(_BUILDER) and any(values.get(key) for key in _BUILDER) else set()
    keys |= set(_CONTEXT)
    gone = keys - kept | ({"cpu", "memory", "disk", "gpu", "gpu_type", "spot"} if "snapshot" in said else set())
    return {key: value for key, value in values.items() if key not in gone}


def values_from(document: Mapping[str, object]) -> dict[str, Value]:
    """Return the values of an order file.

    Raises:
        ValueError: a key or a value is none; says which.
    """
    found: dict[str, Value] = {}
    for key, told in document.items():
        field = BY_KEY.get(key)
        if field is None:
            raise ValueError(f"{key!r} is nothing that can be said of a sandbox")
        found[key] = _value(field, told)
    return found


def _value(field: Field, told: object) -> Value:
    if field.kind is Kind.SWITCH:
        if isinstance(told, bool):
            return told
        raise ValueError(f"{field.key} is neither true nor false")
    if field.is_many:
        if isinstance(told, dict):
            told = [f"{key}={value}" for key, value in told.items()]
        if isinstance(told, list) and all(isinstance(each, str) for each in told):
            return tuple(told)
        raise ValueError(f"{field.key} is no list of texts")
    if isinstance(told, str) or type(told) is int:
        return str(told)
    raise ValueError(f"{field.key} is no text")


class _Reading:
    """Values that are read."""

    def __init__(self, values: Values) -> None:
        self._values = values
        self.mistakes: dict[str, str] = {}

    def order(self) -> CreateOrder:
        minutes = {field.attribute: self._minutes(field) for field in FIELDS if field.timer is not None}
        return CreateOrder(
            name=self._text("name"), source=self._source(), target=self._text("target"), user=self._text("user"),
            env=self._named("env"), labels=self._named("label"), language=self._language(), cpu=self._count("cpu"),
            memory_gib=self._count("memory"), disk_gib=self._count("disk"), gpu=self._count("gpu"),
            gpu_types=self._many("gpu_type"), spot=self._is_on("spot"), ephemeral=self._is_on("ephemeral"),
            public=self._is_on("public"), volumes=tuple(self._mounts()), secrets=self._named("secret"),
            block_network=self._is_on("block_network"), networks=self._split("allow_network"),
            domains=self._split("allow_domain"), uploads=tuple(self._uploads()), repository=self._repository(),
            outbound_proxy=self._text("proxy"), telemetry_endpoint=self._text("telemetry"),
            linked_to=self._text("linked_to"), kvm=self._is_on("kvm"), **minutes,
        )  # fmt: skip

    def _source(self) -> Source:
        said = [key for key in ("snapshot", "image") if self._text(key)]
        text = str(self._values.get("dockerfile_text") or "")
        said += ["dockerfile"] if text or self._text("dockerfile") else []
        said += ["base"] if any(self._values.get(key) for key in _BUILDER) else []
        if len(said) > 1:
            key = next(each for each in _BUILDER if self._values.get(each)) if said[1] == "base" else said[1]
            self.mistakes[key] = f"it begins as {_SOURCES[said[0]]} already: say one of them"
        if said[:1] != ["dockerfile"] and (key := next((each for each in _CONTEXT if self._values.get(each)), "")):
            self.mistakes[key] = "this is about a Dockerfile, and none is named"
        if said[:1] == ["image"]:
            return FromImage(self._text("image"))
        if said[:1] == ["dockerfile"]:
            return FromDockerfile(text, self._text("dockerfile"), self._text("context"), self._is_on("context_secrets"))
        if said[:1] == ["base"]:
            return FromBuilder(
                self._text("base"), self._text("python"), self._many("pip"), self._many("run"),
                self._named("image_env"), self._text("workdir"), self._text("image_user"),
            )  # fmt: skip
        return FromSnapshot(self._text("snapshot"))

    def _repository(self) -> Repository | None:
        url, depth = self._text("repo"), self._count("depth")
        if not url:
            keys = ("repo_path", "branch", "commit", "depth", "login", "token_env", "login_user")
            if key := next((key for key in keys if self._values.get(key)), ""):
                self.mistakes[key] = "this is about a repository, and none is named"
            return None
        login = self._text("login")
        if login not in ("", *BY_KEY["login"].choices):
            self.mistakes["login"] = f"one of {', '.join(BY_KEY['login'].choices)}"
        return Repository(
            url, self._text("repo_path"), self._text("branch"), self._text("commit"), depth, login,
            self._text("token_env"), self._text("login_user"),
        )  # fmt: skip

    def _mounts(self) -> Iterator[Mount]:
        for word in self._many("volume"):
            volume, _, rest = word.partition(":")
            path, _, part = rest.partition(":")
            yield Mount(volume, path, part)

    def _uploads(self) -> Iterator[Upload]:
        for word in self._many("upload"):
            local, _, remote = word.rpartition(":")
            yield Upload(local, remote) if local else Upload(word)

    def _language(self) -> Language | None:
        word = self._text("language").lower()
        try:
            return Language(word) if word else None
        except ValueError:
            self.mistakes["language"] = f"one of {', '.join(BY_KEY['language'].choices)}"
            return None

    def _minutes(self, field: Field) -> int | None:
        assert field.timer is not None
        try:
            return parse_interval(field.timer, self._text(field.key))
        except IntervalError as error:
            self.mistakes[field.key] = str(error)
            return None

    def _count(self, key: str) -> int | None:
        text = self._text(key)
        if not text:
            return None
        if text.isascii() and text.isdigit() and len(text) < _MANY_DIGITS:
            return int(text)
        self.mistakes[key] = "a whole number"
        return None

    def _named(self, key: str) -> dict[str, str]:
        found: dict[str, str] = {}
        for word in self._many(key):
            name, is_given, value = word.partition("=")
            if not is_given or not name:
                self.mistakes[key] = f"write {BY_KEY[key].metavar.replace('[', '').replace(']', '')}, not {word[:30]!r}"
            found[name] = value
        return found

    def _split(self, key: str) -> tuple[str, ...]:
        """Return values that may stand behind one another with commas, as the server writes them."""
        return tuple(part for word in self._many(key) for part in word.replace(" ", "").split(",") if part)

    def _many(self, key: str) -> tuple[str, ...]:
        value = self._values.get(key)
        return tuple(value) if isinstance(value, tuple) else (value,) if value and isinstance(value, str) else ()

    def _is_on(self, key: str) -> bool:
        return self._values.get(key) is True

    def _text(self, key: str) -> str:
        value = self._values.get(key)
        return value.strip() if isinstance(value, str) else ""


def _key_for(attribute: str, values: Values) -> str:
    """Return the field in which a problem with an attribute of the order is shown: the one that somebody filled."""
    keys = [field.key for field in FIELDS if field.attribute == attribute]
    return next((key for key in keys if values.get(key)), keys[0])


def _source_values(source: Source) -> dict[str, Value]:
    match source:
        case FromSnapshot(name):
            return {"snapshot": name}
        case FromImage(image):
            return {"image": image}
        case FromDockerfile(text, origin, context, sends_secrets):
            return {
                "dockerfile": origin, "dockerfile_text": "" if origin else text, "context": context,
                "context_secrets": sends_secrets,
            }  # fmt: skip
        case FromBuilder(base, python, packages, commands, env, workdir, user):
            return {
                "base": base, "debian_slim": not base, "python": python, "pip": packages, "run": commands,
                "image_env": _pairs(env), "workdir": workdir, "image_user": user,
            }  # fmt: skip


def _pairs(values: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(f"{key}={value}" for key, value in values.items())


def _masked(field: Field, word: str) -> str:
    if field.key in ("repo", "proxy", "telemetry"):
        return without_login(word) if field.key == "repo" else without_logins(word)
    if field.key not in ("env", "image_env", "label"):
        return word
    name, _, value = word.partition("=")
    shown = masked_value(name, value)
    # A variable without a value is taken from where the line is typed: there the secret can stand.
    return f"{name}={value}" if shown == value else name if field.key == "env" else f"{name}={shown}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _text(number: int | None) -> str:
    return "" if number is None else str(number)
