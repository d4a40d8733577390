"""Secrets: listed, made, given another value, deleted. A value goes to the server and nowhere else."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from daytona_tui.client.errors import scrub
from daytona_tui.client.loading import Sdk
from daytona_tui.client.mapping import next_cursor
from daytona_tui.client.room import Part
from daytona_tui.client.shelf_mapping import required, rows_from, secret_from
from daytona_tui.config.connection import Secret
from daytona_tui.domain.abilities import Ability
from daytona_tui.domain.secrets import SecretEntry, SecretId, SecretOrder, problems
from daytona_tui.errors import DaytonaTuiError, MisuseError, NotFoundError

if TYPE_CHECKING:
    from daytona_api_client_async import SecretApi

_PAGE = 100
_MOST_PAGES = 100


class SecretsPart(Part):
    """Implements ``Secrets``."""

    async def secrets(self) -> tuple[SecretEntry, ...]:
        """Return every secret, read page by page."""
        found: dict[SecretId, SecretEntry] = {}
        cursor: str | None = None
        for _page in range(_MOST_PAGES):
            async with self._calling("listing the secrets") as sdk:
                call = _api(sdk).list_secrets_paginated_without_preload_content(cursor=cursor, limit=_PAGE)
                told = await self._ask_api(call)
            found |= {each.id: each for each in rows_from(told, "secrets", secret_from)}
            cursor = next_cursor(told)
            if not cursor:
                break
        return tuple(found.values())

    async def create_secret(self, order: SecretOrder) -> SecretEntry:
        """Make a secret."""
        _check(order)
        async with self._calling("making the secret", order.value) as sdk:
            from daytona_api_client_async import CreateSecret

            body = CreateSecret(
                name=order.name,
                value=order.value,
                description=order.description or None,
                hosts=list(order.hosts) or None,
            )
            told = await self._ask_api(_api(sdk).create_secret_without_preload_content(body))
        return required(secret_from(told), "secret")

    async def update_secret(self, secret_id: SecretId, order: SecretOrder) -> SecretEntry:
        """Give a secret another value, description and other hosts."""
        _check(order)
        async with self._calling("changing the secret", order.value) as sdk:
            from daytona_api_client_async import UpdateSecret

            body = UpdateSecret(value=order.value, description=order.description, hosts=list(order.hosts))
            told = await self._ask_api(_api(sdk).update_secret_without_preload_content(secret_id, body))
        return required(secret_from(told), "secret")

    async def delete_secret(self, secret_id: SecretId) -> None:
        """Delete a secret."""
        try:
            async with self._calling("deleting the secret") as sdk:
                await self._ask_api(_api(sdk).delete_secret_without_preload_content(secret_id))
        except NotFoundError:
            return

    @contextlib.asynccontextmanager
    async def _calling(self, doing: str, value: str = "") -> AsyncIterator[Sdk]:
        """Give the block an SDK; no error that leaves it has ``value`` in its words."""
        try:
            async with self._link.calling(doing, needs=Ability.SECRETS) as sdk:
                yield sdk
        except DaytonaTuiError as error:
            scrub(error, Secret(value))
            raise


def _check(order: SecretOrder) -> None:
    wrong = problems(order)
    if wrong:
        field, words = next(iter(wrong.items()))
        raise MisuseError(f"{field}: {words}")


def _api(sdk: Sdk) -> SecretApi:
    from daytona_api_client_async import SecretApi

    return SecretApi(sdk.keys.api_client)
