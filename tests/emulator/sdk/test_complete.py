"""Every public method of the SDK has a test that shows what becomes of it."""

from __future__ import annotations

from tests.emulator.sdk.covering import REFUSED, coverings, public_methods, request_of


def test_every_public_method_is_covered() -> None:
    missing = [name for name, tests in coverings().items() if not tests]

    assert missing == []


def test_what_is_refused_is_not_called_served() -> None:
    classes = {each.__name__ for each in REFUSED}
    wrong = [
        name
        for name, tests in coverings().items()
        for _, covering in tests
        if name.split(".")[0] in classes and not covering.is_refusal
    ]

    assert wrong == []


def test_every_method_has_a_known_request() -> None:
    requests = {name: request_of(name, method) for name, method in public_methods()}

    assert requests["AsyncSandbox.stop"] == "POST /sandbox/{sandboxIdOrName}/stop"
    assert requests["AsyncGit.push"] == "POST toolbox /git/push"
    assert requests["AsyncSecretService.list"] == "GET /secret/paginated"
