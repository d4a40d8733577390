"""The context of a build: files of this machine that a Dockerfile copies, and which of them look like secrets."""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass
from enum import StrEnum

MOST_FILES = 100_000
LARGEST_BYTES = 5 << 30
"""Bytes of the files of a context, at most: a server reads them as a whole."""


class EntryKind(StrEnum):
    """What an entry of a context is."""

    FILE = "file"
    DIRECTORY = "directory"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class ContextEntry:
    """A file, directory or link that is sent.

    Attributes:
        name: its path in the context, with slashes.
        size: in bytes; 0 for what is no file.
        mode: its permissions.
        points_to: what a link says; empty for the others.
    """

    name: str
    kind: EntryKind
    size: int = 0
    mode: int = 0o644
    points_to: str = ""


@dataclass(frozen=True, slots=True)
class BuildContext:
    """What would be sent for a Dockerfile.

    Attributes:
        root: the directory here that it is taken from.
        entries: what is sent, by name.
        ignored: how much of what is wanted ``.dockerignore`` leaves out; a directory counts as one.
        left_out: what else stays here, each with its reason.
        suspects: names of files that look like secrets.
    """

    root: str
    entries: tuple[ContextEntry, ...] = ()
    ignored: int = 0
    left_out: tuple[str, ...] = ()
    suspects: tuple[str, ...] = ()

    @property
    def files(self) -> int:
        """How many files it has."""
        return sum(entry.kind is EntryKind.FILE for entry in self.entries)

    @property
    def size(self) -> int:
        """How many bytes they have."""
        return sum(entry.size for entry in self.entries)


_SECRET_NAMES = (
    ".env", ".env.*", "*.env", ".netrc", "_netrc", ".npmrc", ".pypirc", ".git-credentials", ".htpasswd", "id_rsa",
    "id_dsa", "id_ecdsa", "id_ed25519", "*.pem", "*.key", "*.p12", "*.pfx", "*.jks", "*.keystore", "*.kdbx", "*.ppk",
    "*.tfstate", "*.tfvars", "kubeconfig", "credentials", "credentials.json", "secrets.*", "service-account*.json",
)  # fmt: skip
_SECRET_DIRECTORIES = frozenset({".git", ".ssh", ".gnupg", ".aws", ".azure", ".gcloud", ".kube", ".docker"})
_MOST_NAMED = 4
_HARMLESS = ("*.example", "*.sample", "*.template", "*.dist", "*.pub", "example.env", "sample.env")


def looks_secret(name: str) -> bool:
    """Whether a file of a context looks like one with secrets, by its path: keys, passwords, a repository's history."""
    *directories, last = name.lower().split("/")
    if _SECRET_DIRECTORIES.intersection(directories):
        return True
    if any(fnmatch.fnmatchcase(last, glob) for glob in _HARMLESS):
        return False
    return any(fnmatch.fnmatchcase(last, glob) for glob in _SECRET_NAMES)


def suspect_words(suspects: tuple[str, ...]) -> str:
    """Return some of them and how many more there are; whole directories by their name. Hostile text."""
    shown: list[str] = []
    for name in suspects:
        parts = name.split("/")
        at = next((i for i, part in enumerate(parts[:-1]) if part.lower() in _SECRET_DIRECTORIES), None)
        word = name if at is None else "/".join(parts[: at + 1]) + "/"
        if word not in shown:
            shown.append(word)
    more = f" and {len(shown) - _MOST_NAMED} more" if len(shown) > _MOST_NAMED else ""
    return ", ".join(shown[:_MOST_NAMED]) + more
