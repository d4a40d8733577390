"""Runs of things that travel in one request."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")


def batches(things: Iterable[T], size_of: Callable[[T], int], *, most: int, room: int) -> Iterator[list[T]]:
    """Yield runs of at most ``most`` things, and of ``room`` by their sizes; what is larger than that comes alone."""
    batch: list[T] = []
    left = room
    for thing in things:
        size = size_of(thing)
        if batch and (len(batch) == most or size > left):
            yield batch
            batch, left = [], room
        batch.append(thing)
        left -= size
    if batch:
        yield batch
