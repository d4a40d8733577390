"""The TLS context that all clients of the SDK share."""

from __future__ import annotations

import importlib
import ssl
from pathlib import Path
from typing import Any

import pytest

from daytona_tui.client.tls import share_context

PACKAGES = ("daytona_api_client_async", "daytona_toolbox_api_client_async", "daytona_analytics_api_client_async")


def _context_of(package: str, **wishes: Any) -> ssl.SSLContext:
    share_context(package)
    module = importlib.import_module(package)
    client = module.ApiClient(module.Configuration(host="https://api.example", **wishes))
    context = client.rest_client.ssl_context
    assert isinstance(context, ssl.SSLContext)
    return context


def test_every_client_takes_the_same_context_and_it_checks_who_answers() -> None:
    contexts = [_context_of(package) for package in PACKAGES]

    assert all(context is contexts[0] for context in contexts)
    assert contexts[0].verify_mode is ssl.CERT_REQUIRED
    assert contexts[0].check_hostname


def test_certificates_that_the_environment_places_elsewhere_have_a_context_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = _context_of(PACKAGES[0])

    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))

    elsewhere = _context_of(PACKAGES[0])
    assert elsewhere is not usual
    assert not elsewhere.get_ca_certs()


def test_a_client_with_certificates_of_its_own_does_not_share(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        _context_of(PACKAGES[0], ssl_ca_cert=str(tmp_path / "none.pem"))


def test_a_package_without_the_module_goes_on_as_it_is() -> None:
    share_context("daytona_tui.client")
