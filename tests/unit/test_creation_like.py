"""Another sandbox like one: what its record tells, and what it cannot tell."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from daytona_tui.domain.code import Language
from daytona_tui.domain.creation import CreateOrder, FromDockerfile, FromImage, FromSnapshot, Mount
from daytona_tui.domain.creation_checks import check
from daytona_tui.domain.creation_like import like
from daytona_tui.domain.sandbox import Lifetimes, Resources, Sandbox, SandboxId, SandboxState

_LABELS = {"code-toolbox-language": "javascript", "team": "a"}
_SANDBOX = Sandbox(
    SandboxId("id"), "name", SandboxState.STARTED, region="eu", snapshot="snap", user="u", labels=_LABELS,
    resources=Resources(2, 4, 8, 0), lifetimes=Lifetimes(15, 0, 60, -1, datetime(2027, 1, 1, tzinfo=UTC)), public=True,
)  # fmt: skip
_RECORD = {
    "env": {"PLACE": "here", "API_KEY": "***"},
    "volumes": [{"volumeId": "v", "mountPath": "/m", "subpath": "p"}, {"odd": 1}],
    "networkAllowList": "10.0.0.0/8, 11.0.0.0/8",
    "outboundProxyUrl": "http://***@proxy:1",
}


def test_what_the_record_tells_is_ordered_and_the_rest_is_said() -> None:
    order, unknown = like(_RECORD, _SANDBOX)
    assert order == CreateOrder(
        source=FromSnapshot("snap"), target="eu", user="u", env={"PLACE": "here"}, labels={"team": "a"},
        language=Language.JAVASCRIPT, auto_stop_min=15, auto_archive_min=60, auto_delete_min=-1, public=True,
        volumes=(Mount("v", "/m", "p"),), networks=("10.0.0.0/8", "11.0.0.0/8"),
    )  # fmt: skip
    assert check(order) == ()
    told = "\n".join(unknown)
    for words in ("API_KEY", "proxy's address", "time to live", "labels are copied", "files, secrets"):
        assert words in told


def test_what_was_built_is_built_again_with_its_size() -> None:
    text = "FROM debian:12\nRUN x\n"
    order, unknown = like({"buildInfo": {"dockerfileContent": text, "contextHashes": ["a"]}}, _SANDBOX)
    assert (order.source, order.cpu, order.memory_gib, order.disk_gib) == (FromDockerfile(text), 2, 4, 8)
    assert any("built with files" in words for words in unknown)
    assert like({"buildInfo": {"dockerfileContent": "FROM debian:12\n"}}, _SANDBOX)[0].source == FromImage("debian:12")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
_KEYS = (
    "env",
    "volumes",
    "buildInfo",
    "networkAllowList",
    "domainAllowList",
    "outboundProxyUrl",
    "spot",
    "linkedSandboxId",
)


@given(st.fixed_dictionaries({}, optional={key: _JSON for key in _KEYS}))
def test_no_record_is_too_odd(record: dict[str, object]) -> None:
    order, _ = like(record, _SANDBOX)
    check(order)
