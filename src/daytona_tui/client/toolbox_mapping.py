"""Toolbox answers → domain values. Pure and as forgiving as ``mapping``: one odd entry costs that entry's cell."""

from __future__ import annotations

import posixpath
from typing import Any

from daytona_tui.client.fields import text
from daytona_tui.client.mapping import time_from
from daytona_tui.domain.executions import ExecOutcome, Execution, Session
from daytona_tui.domain.files import FileEntry, FoundLine, file_name, join_path
from daytona_tui.errors import ProtocolError, UnsupportedError


def entries_from(told: object, directory: str) -> tuple[FileEntry, ...]:
    """Return the entries of a directory listing; an entry without a name is left out.

    Raises:
        ProtocolError: the answer is no list.
    """
    if told is None:  # Go's empty list
        return ()
    if not isinstance(told, list):
        raise ProtocolError("the directory listing has an unknown form", source="toolbox")
    found = (_entry(item, directory) for item in told)
    return tuple(entry for entry in found if entry is not None)


def tree_from(told: object, directory: str, depth: int) -> tuple[FileEntry, ...]:
    """Return the entries of a listing ``depth`` levels deep; an entry that is nowhere below is left out.

    Raises:
        ProtocolError: the answer is no list.
        UnsupportedError: the server does not list trees.
    """
    if depth == 1:
        return entries_from(told, directory)
    if told is None:
        return ()
    if not isinstance(told, list):
        raise ProtocolError("the directory listing has an unknown form", source="toolbox")
    items = [item for item in told if isinstance(item, dict)]
    # The path came with the depth: a server that tells none has listed one level.
    if any(item.get("isDir") is True for item in items) and not any(text(item, "path") for item in items):
        raise UnsupportedError("this server lists one directory at a time", source="toolbox")
    top = posixpath.normpath(directory)
    found = []
    for item in items:
        path = posixpath.normpath(join_path(top, text(item, "path") or text(item, "name")))
        name = text(item, "name") or file_name(path)
        if name and path.startswith(top.rstrip("/") + "/"):
            found.append(_described(item, name, path))
    return tuple(found)


def names_from(told: object, directory: str) -> tuple[str, ...]:
    """Return the absolute paths that a search for names found.

    Raises:
        ProtocolError: the answer is no list of paths.
    """
    files = told.get("files") if isinstance(told, dict) else told
    if not isinstance(files, list | None):
        raise ProtocolError("the answer to the search has an unknown form", source="toolbox")
    return tuple(join_path(directory, path) for path in files or () if isinstance(path, str) and path)


def lines_from(told: object, directory: str) -> tuple[FoundLine, ...]:
    """Return the lines that a search in files found.

    Raises:
        ProtocolError: the answer is no list.
    """
    if not isinstance(told, list | None):
        raise ProtocolError("the answer to the search has an unknown form", source="toolbox")
    return tuple(
        FoundLine(join_path(directory, path), _whole(item, "line") or 0, text(item, "content"))
        for item in told or ()
        if isinstance(item, dict) and (path := text(item, "file"))
    )


def entry_from(told: object, path: str) -> FileEntry:
    """Return the entry that describes ``path`` itself.

    Raises:
        ProtocolError: the answer is no object.
    """
    if not isinstance(told, dict):
        raise ProtocolError("the file's description has an unknown form", source="toolbox")
    return _described(told, file_name(path), path)


def sessions_from(told: object) -> tuple[Session, ...]:
    """Return the sessions of a session list.

    Raises:
        ProtocolError: the answer is no list.
    """
    if told is None:
        return ()
    if not isinstance(told, list):
        raise ProtocolError("the list of sessions has an unknown form", source="toolbox")
    return tuple(
        Session(session_id, _executions(item.get("commands")))
        for item in told
        if isinstance(item, dict) and (session_id := text(item, "sessionId"))
    )


def session_from(told: object) -> Session:
    """Return one session.

    Raises:
        ProtocolError: the answer names none.
    """
    session_id = text(told, "sessionId") if isinstance(told, dict) else ""
    if not isinstance(told, dict) or not session_id:
        raise ProtocolError("the session's record has an unknown form", source="toolbox")
    return Session(session_id, _executions(told.get("commands")))


def execution_from(told: object, *, command: str = "") -> Execution:
    """Return one execution; ``command`` is used where the answer does not repeat it.

    Raises:
        ProtocolError: the answer names no execution.
    """
    if isinstance(told, dict):
        execution_id = text(told, "id") or text(told, "cmdId")
        if execution_id:
            return Execution(execution_id, text(told, "command") or command, _whole(told, "exitCode"))
    raise ProtocolError("the execution's record has an unknown form", source="toolbox")


def outcome_from(told: object) -> ExecOutcome:
    """Return what a blocking execution came to.

    Raises:
        ProtocolError: the answer is no object.
    """
    if not isinstance(told, dict):
        raise ProtocolError("the execution's outcome has an unknown form", source="toolbox")
    code = _whole(told, "exitCode")
    if code is None:
        code = _whole(told, "code")
    return ExecOutcome(-1 if code is None else code, well_formed(told.get("result")))


def well_formed(value: object) -> str:
    """Return a text that has a spelling in UTF-8, for it is written to files; empty for what is no text.

    JSON can spell halves of characters; two that belong together become one, others a replacement character.
    """
    if not isinstance(value, str):
        return ""
    if value.isascii():
        return value
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return value


def directory_from(told: object) -> str:
    """Return the directory that the answer names.

    Raises:
        ProtocolError: it names none.
    """
    directory = text(told, "dir") if isinstance(told, dict) else ""
    if not directory:
        raise ProtocolError("the sandbox does not say where its working directory is", source="toolbox")
    return directory


def _entry(item: object, directory: str) -> FileEntry | None:
    name = text(item, "name") if isinstance(item, dict) else ""
    if not isinstance(item, dict) or not name:
        return None
    return _described(item, name, join_path(directory, name))


def _described(item: dict[str, Any], name: str, path: str) -> FileEntry:
    modified = text(item, "modifiedAt") or text(item, "modTime")
    return FileEntry(
        name=name,
        path=path,
        is_dir=item.get("isDir") is True,
        size_bytes=max(0, _whole(item, "size") or 0),
        mode=text(item, "mode"),
        owner=text(item, "owner"),
        group=text(item, "group"),
        modified_at=time_from(modified) if modified else None,
    )


def _executions(told: object) -> tuple[Execution, ...]:
    if not isinstance(told, list):
        return ()
    return tuple(
        Execution(text(item, "id"), text(item, "command"), _whole(item, "exitCode"))
        for item in told
        if isinstance(item, dict) and text(item, "id")
    )


def _whole(item: dict[str, Any], key: str) -> int | None:
    value = item.get(key)
    return value if type(value) is int else None
