"""One TLS context for all clients of the SDK.

Each of its generated clients reads the certificates of the system anew: twenty milliseconds of the processor, three
times for a connection and once more for each question about accounts.
"""

from __future__ import annotations

import os
import ssl
from contextlib import suppress
from functools import lru_cache
from importlib import import_module
from typing import Any


class _SharingSsl:
    """Stands for the module ``ssl`` in a generated client: as that, but a context without wishes is made once."""

    def __getattr__(self, name: str) -> Any:
        return getattr(ssl, name)

    @staticmethod
    def create_default_context(**wishes: Any) -> ssl.SSLContext:
        """Return the shared context; one of their own to clients with certificates of their own."""
        if any(wishes.values()):
            return ssl.create_default_context(**wishes)
        return _context(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))


def share_context(*packages: str) -> None:
    """Let the generated clients in these packages take the shared context; blocks, as it loads what sends for them.

    There is no setting that hands a context in, and their module ``rest`` is private in daytona 0.226: where there is
    none, each client goes on making its own.
    """
    for package in packages:
        with suppress(ImportError):
            rest: Any = import_module(f"{package}.rest")
            rest.ssl = _SharingSsl()


@lru_cache(maxsize=2)
def _context(_file: str | None, _directory: str | None) -> ssl.SSLContext:
    """Return a context with the certificates of the system, which the two variables can place elsewhere."""
    return ssl.create_default_context()
