"""The plan of a sweep as a file: to be read, edited, and carried out later or elsewhere.

Everything in it may have been edited by hand, so that nothing is believed: what a row may come to is worked out anew,
and before it is done its sandbox is looked at once more like any other.
"""

from __future__ import annotations

import errno
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from math import isfinite
from pathlib import Path
from typing import Any

from daytona_tui.config.kept_file import write_private
from daytona_tui.domain.leaks import Action, Ties
from daytona_tui.domain.masking import masked
from daytona_tui.errors import PlanError
from daytona_tui.operations.sweep.plan import SweepPlan, with_action
from daytona_tui.operations.sweep.records import RecordError, flag, moment, record_as_json, record_from_json, text
from daytona_tui.operations.sweep.rows import Note, SweepRow
from daytona_tui.presentation.phrases import os_reason

FORMAT = "daytona-tui sweep"
VERSION = 1

_MAX_BYTES = 64 << 20
_AHEAD = timedelta(minutes=10)
"""A plan from the future, by more than clocks differ, is none."""
_HINT = "write the plan again: daytona-tui reap FILTER --plan FILE"


def plan_as_json(plan: SweepPlan) -> dict[str, Any]:
    """Return a plan as JSON values, without secrets."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "made_at": plan.made_at.isoformat(),
        "connection": plan.connection,
        "label": plan.label,
        "filter": plan.filter_text,
        "rows": [_row_as_json(row) for row in plan.rows],
    }


def plan_from_json(told: object, *, connection: str, now: datetime) -> SweepPlan:
    """Return the plan that :func:`plan_as_json` told of.

    Args:
        told: JSON values.
        connection: id of the connection that the plan is to be carried out through.
        now: aware time.

    Raises:
        PlanError: it is no plan, one of another version, damaged, or made for another connection.
    """
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise PlanError("it is no plan of a sweep", hint=_HINT)
    if told.get("version") != VERSION:
        raise PlanError(f"it is a plan of version {told.get('version')!r}, not {VERSION}", hint=_HINT)
    if told.get("connection") != connection:
        raise PlanError(
            f"it was made for another connection: {told.get('label') or told.get('connection')}",
            hint="choose that profile with --profile, or write the plan again",
        )
    try:
        return _plan(told, now)
    except RecordError as error:
        raise PlanError(f"it is damaged: {error}", hint=_HINT) from None


def refuse_taken(path: Path) -> None:
    """Refuse a path that something has already: it may be a plan that somebody still wants. Blocks.

    Raises:
        PlanError: something has it, or nobody may know.
    """
    try:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, "it is a directory")
        is_taken = path.exists() or path.is_symlink()
    except OSError as error:
        raise PlanError(f"{path} cannot be written: {os_reason(error)}") from error
    if is_taken:
        raise PlanError(f"{path} is there already", hint="choose another name; reap --force replaces it")


def write_plan(path: Path, plan: SweepPlan, *, replaces: bool = False) -> None:
    """Write a plan to a file that only its owner may read. Blocks.

    Args:
        path: the file.
        plan: what to write.
        replaces: a file that is there already is of no use any more.

    Raises:
        PlanError: it is there already, or the disk refuses.
    """
    if not replaces:
        refuse_taken(path)
    try:
        write_private(path, json.dumps(plan_as_json(plan), indent=2) + "\n")
    except OSError as error:
        raise PlanError(f"{path} cannot be written: {os_reason(error)}") from error


def read_plan(path: Path, *, connection: str, now: datetime) -> SweepPlan:
    """Return the plan in a file. Blocks.

    Raises:
        PlanError: there is none, or it cannot be used; names the file.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(_MAX_BYTES + 1)
    except OSError as error:
        raise PlanError(f"{path} cannot be read: {os_reason(error)}") from error
    try:
        if len(data) > _MAX_BYTES:
            raise PlanError("it is too large to be a plan")
        try:
            told = json.loads(data)
        except (ValueError, RecursionError):
            raise PlanError("it is not JSON", hint=_HINT) from None
        return plan_from_json(told, connection=connection, now=now)
    except PlanError as error:
        raise PlanError(f"{path}: {error.message}", hint=error.hint) from None


def _row_as_json(row: SweepRow) -> dict[str, Any]:
    return {
        "id": row.sandbox.id,
        "name": row.sandbox.name,
        "chosen": row.is_chosen,
        "action": row.action.value,
        "ttl_min": row.ttl_min,
        "skip": row.skip,
        "veto": row.veto,
        "permits": sorted(action.value for action in row.permits),
        "owner": row.owner,
        "run": row.run,
        "mine": row.is_mine,
        "score": row.score,
        "band": row.band,
        "daily_usd": row.per_day,
        "ties": {"forks": [*row.ties.forks], "volumes": [*row.ties.volumes], "linked": [*row.ties.linked]},
        "looked_into": row.is_looked_into,
        "reasons": _notes_as_json(row.reasons),
        "guards": _notes_as_json(row.guards),
        "record": record_as_json(row.sandbox),
    }


def _notes_as_json(notes: Iterable[Note]) -> list[dict[str, str]]:
    return [{"code": note.code, "words": masked(note.words)} for note in notes]


def _plan(told: Mapping[str, Any], now: datetime) -> SweepPlan:
    made_at = moment(told, "made_at")
    rows = told.get("rows")
    if made_at is None or made_at - now > _AHEAD:
        raise RecordError("made_at is no time that has been")
    if not isinstance(rows, list):
        raise RecordError("rows are no list")
    plan = SweepPlan(
        tuple(_row(each, at, now) for at, each in enumerate(rows, 1)),
        made_at,
        text(told, "connection"),
        text(told, "label"),
        text(told, "filter"),
    )
    twice = [each for each, many in Counter(row.sandbox.id for row in plan.rows).items() if many > 1]
    if twice:
        raise RecordError(f"{twice[0]} is in it twice")
    return plan


def _row(told: object, at: int, now: datetime) -> SweepRow:
    if not isinstance(told, dict):
        raise RecordError(f"row {at} is no object")
    try:
        return _read_row(told, now)
    except RecordError as error:
        raise RecordError(f"row {at}: {error}") from None


def _read_row(told: Mapping[str, Any], now: datetime) -> SweepRow:
    record = told.get("record")
    if not isinstance(record, dict):
        raise RecordError("its record is missing")
    sandbox_id = text(told, "id")
    if not sandbox_id.strip():
        raise RecordError("its id is empty")
    action = _action(text(told, "action"))
    row = SweepRow(
        record_from_json(sandbox_id, text(told, "name"), record),
        action,
        score=_whole(told, "score"),
        band=text(told, "band"),
        reasons=_notes(told, "reasons"),
        guards=_notes(told, "guards"),
        veto=text(told, "veto"),
        permits=frozenset({_action(each) for each in _texts(told, "permits")} & {Action.TTL}),
        owner=text(told, "owner"),
        run=text(told, "run"),
        is_mine=flag(told, "mine"),
        per_day=_dollars(told.get("daily_usd")),
        ties=_ties(told),
        is_looked_into=flag(told, "looked_into"),
        is_chosen=flag(told, "chosen"),
    )
    return with_action(row, action, _whole(told, "ttl_min"), now)


def _action(word: str) -> Action:
    try:
        return Action(word)
    except ValueError:
        raise RecordError(f"{word!r} is no action") from None


def _whole(told: Mapping[str, Any], key: str) -> int:
    value = told.get(key)
    if type(value) is not int:
        raise RecordError(f"{key} is no whole number")
    return value


def _dollars(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        dollars = float(value)
    except OverflowError:
        return None
    return dollars if isfinite(dollars) else None


def _texts(told: Mapping[str, Any], key: str) -> list[str]:
    values = told.get(key)
    if not isinstance(values, list) or not all(type(value) is str for value in values):
        raise RecordError(f"{key} is no list of texts")
    return values


def _ties(told: Mapping[str, Any]) -> Ties:
    ties = told.get("ties")
    if not isinstance(ties, dict):
        raise RecordError("ties are no object")
    return Ties(tuple(_texts(ties, "forks")), tuple(_texts(ties, "volumes")), tuple(_texts(ties, "linked")))


def _notes(told: Mapping[str, Any], key: str) -> tuple[Note, ...]:
    values = told.get(key)
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        raise RecordError(f"{key} is no list of objects")
    return tuple(Note(text(value, "code"), text(value, "words")) for value in values)
