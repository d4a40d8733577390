"""Every public method of the SDK has a test that shows what becomes of it."""

from __future__ import annotations

from tests.emulator.sdk.covering import coverings, public_methods, request_of


def test_every_public_method_is_covered() -> None:
    missing = [name for name, tests in coverings().items() if not tests]

    assert missing == []


def test_a_method_is_either_served_or_refused() -> None:
    torn = [name for name, tests in coverings().items() if len({covering.is_refusal for _, covering in tests}) > 1]

    assert torn == []


def test_every_method_has_a_known_request() -> None:
    requests = {name: request_of(name, method) for name, method in public_methods()}

    assert requests["AsyncSandbox.stop"] == "POST /sandbox/{sandboxIdOrName}/stop"
    assert requests["AsyncGit.push"] == "POST toolbox /git/push"
    assert requests["AsyncSecretService.list"] == "GET /secret/paginated"
