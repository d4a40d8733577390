"""Code in three languages through the SDK, and the charts that it shows."""

from __future__ import annotations

import base64
import importlib.util
import shutil
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.emulator.toolbox.conftest import Toolbox
from tests.emulator.toolbox.processes import running_with, unique_nap, until

from daytona_tui.emulator.body.box import PATH, Box

if TYPE_CHECKING:
    from daytona import AsyncSandbox


def _found(program: str) -> str | None:
    return shutil.which(program, path=PATH)


def _understands_types() -> bool:
    """Whether the machine has something for TypeScript where a sandbox finds it."""
    if any(map(_found, ("ts-node", "tsx", "bun", "deno", "esbuild"))):
        return True
    node = _found("node")
    probe = ["--experimental-strip-types", "--eval", ""]
    return node is not None and subprocess.run([node, *probe], capture_output=True, check=False).returncode == 0


async def _run(toolbox: Toolbox, language: str, code: str, **more: Any) -> tuple[int, dict[str, Any]]:
    body = {"language": language, "code": code, **more}
    async with toolbox.http.post(f"{toolbox.url}/process/code-run", json=body) as answer:
        return answer.status, await answer.json()


async def test_python(sandbox: AsyncSandbox, box: Box) -> None:
    from daytona.common.process import CodeRunParams

    code = "import os, sys\nprint(sys.argv[1:], os.environ['WORD'], os.getcwd(), '☃')\n"
    code += "print('e', file=sys.stderr)\nsys.exit(3)"
    answer = await sandbox.process.code_run(code, CodeRunParams(argv=["a b", "--x"], env={"WORD": "w"}))
    assert (answer.exit_code, answer.result) == (3, f"['a b', '--x'] w {box.work_dir} ☃\ne\n")
    answer = await sandbox.process.code_run("raise ValueError('no')")
    assert answer.exit_code == 1
    assert "ValueError: no" in answer.result


async def test_time_is_up(sandbox: AsyncSandbox) -> None:
    from daytona_toolbox_api_client_async.exceptions import ApiException

    nap = unique_nap()
    before = time.monotonic()
    with pytest.raises(ApiException) as refused:
        await sandbox.process.code_run(f"import subprocess; subprocess.run(['sleep', '{nap}'])", timeout=1)
    assert (refused.value.status, time.monotonic() - before < 20) == (408, True)
    await until(lambda: not running_with(nap))


@pytest.mark.skipif(_found("node") is None, reason="no node here")
async def test_javascript(toolbox: Toolbox) -> None:
    code = (
        '"use strict"; console.log(process.argv.slice(1), process.env.WORD, require("os").EOL.length);\nprocess.exit(4)'
    )
    status, answer = await _run(toolbox, "javascript", code, argv=["a", "-b"], envs={"WORD": "w"})
    assert (status, answer) == (200, {"exitCode": 4, "result": "[ 'a', '-b' ] w 1\n"})


async def test_typescript_or_what_it_lacks(toolbox: Toolbox) -> None:
    code = "interface A { n: number }\nconst a: A = { n: 41 };\nconsole.log(a.n + 1, process.argv.slice(1));"
    status, answer = await _run(toolbox, "typescript", code, argv=["x"])
    if _understands_types():
        assert (status, answer) == (200, {"exitCode": 0, "result": "42 [ 'x' ]\n"})
    else:
        assert status == 400
        assert "ts-node, tsx, node, bun, deno, esbuild" in answer["message"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"code": "1"},
        {"language": "cobol", "code": "1"},
        {"language": "python"},
        {"language": "python", "code": 1},
        {"language": "python", "code": "1", "argv": "x"},
        {"language": "python", "code": "1", "argv": ["a\0b"]},
        {"language": "python", "code": "1", "envs": {"a": 1}},
        {"language": "python", "code": "1", "timeout": "x"},
    ],
)
async def test_bad_requests_are_refused(toolbox: Toolbox, body: Any) -> None:
    async with toolbox.http.post(f"{toolbox.url}/process/code-run", json=body) as answer:
        assert answer.status == 400
        assert (await answer.json())["source"] == "DAYTONA_DAEMON"


PLOTS = """
import matplotlib.pyplot as plt
plt.plot([1, 2, 3], [1.5, 4, 9], label="squares")
plt.title("Line"); plt.xlabel("n"); plt.ylabel("n²"); plt.axhline(2)
plt.show()
plt.scatter([1, 2], [3, 4], label="dots"); plt.show()
plt.bar(["a", "b", "c"], [2, 2, 2], label="same"); plt.show()
plt.barh(["a", "b"], [5, 7]); plt.show()
plt.pie([1, 3], labels=["quarter", "rest"], autopct="%d%%"); plt.show()
plt.boxplot([[1, 2, 3, 4, 5, 50], [2, 3, 4]]); plt.show()
figure, (one, two) = plt.subplots(1, 2)
figure.suptitle("Both"); one.plot([0, 1]); two.bar(["x"], [1])
print("before the last"); plt.show(); print("done")
"""


@pytest.fixture
def plotting(box: Box) -> dict[str, str]:
    """The environment in which the sandbox's Python finds matplotlib."""
    found = importlib.util.find_spec("matplotlib")
    if found is None or found.origin is None:
        pytest.skip("no matplotlib here")
    site = str(Path(found.origin).parents[1])
    probe = subprocess.run(
        [_found("python3") or "python3", "-c", "import matplotlib.pyplot"],
        env={"PYTHONPATH": site},
        capture_output=True,
        check=False,
    )
    if probe.returncode:
        pytest.skip("the sandbox's Python is not the one that matplotlib was built for")
    if not box.isolation.is_isolated:
        return {"PYTHONPATH": site}
    # Where this environment lies is hidden from an isolated box, as a home is.
    for way in ("-al", "-a"):  # linked, where it lies on the same disk
        if subprocess.run(["cp", way, site, box.home / "site"], capture_output=True, check=False).returncode == 0:
            break
        shutil.rmtree(box.home / "site", ignore_errors=True)
    return {"PYTHONPATH": f"{box.work_dir}/site"}


async def test_charts(sandbox: AsyncSandbox, plotting: dict[str, str]) -> None:
    from daytona.common.process import CodeRunParams

    answer = await sandbox.process.code_run(PLOTS, CodeRunParams(env=plotting), timeout=120)
    assert (answer.exit_code, answer.result) == (0, "before the last\ndone\n")
    assert answer.artifacts is not None
    charts = answer.artifacts.charts or []
    kinds = [chart.type for chart in charts]
    assert kinds == ["line", "scatter", "bar", "bar", "pie", "box_and_whisker", "composite_chart"]
    assert all(base64.b64decode(chart.png or "").startswith(b"\x89PNG") for chart in charts)
    line, dots, bars, lying, pie, box, both = charts
    assert (line.title, line.x_label, line.y_label, line.x_scale) == ("Line", "n", "n²", "linear")
    assert line.elements[0].label == "squares"
    assert line.elements[0].points == [[1, 1.5], [2, 4], [3, 9]]
    assert len(line.elements) == 1
    assert dots.elements[0].points == [[1, 3], [2, 4]]
    assert [(bar.label, bar.value, bar.group) for bar in bars.elements] == [(n, "2", "same") for n in "abc"]
    assert [(bar.label, bar.value) for bar in lying.elements] == [("a", "5"), ("b", "7")]
    assert bars.x_scale == "categorical"
    assert [(piece.label, piece.angle) for piece in pie.elements] == [("quarter", 90), ("rest", 270)]
    first = box.elements[0]
    assert (first.first_quartile, first.median, first.third_quartile) == (2.25, 3.5, 4.75)
    assert (first.min, first.max, first.outliers) == (1, 5, [50])
    assert (both.title, [chart.type for chart in both.elements]) == ("Both", ["line", "bar"])


async def test_an_error_in_code_that_draws_is_the_codes_own(sandbox: AsyncSandbox, plotting: dict[str, str]) -> None:
    from daytona.common.process import CodeRunParams

    code = "import matplotlib.pyplot as plt\ndef f():\n    raise ValueError('here')\nf()"
    answer = await sandbox.process.code_run(code, CodeRunParams(env=plotting), timeout=120)
    assert (answer.exit_code, answer.artifacts.charts if answer.artifacts else []) == (1, [])
    assert "line 3, in f" in answer.result
    assert "exec_module" not in answer.result


async def test_charts_cannot_be_forged(sandbox: AsyncSandbox, plotting: dict[str, str]) -> None:
    from daytona.common.process import CodeRunParams

    code = 'import matplotlib\nprint(\'dtn_artifact_k39fd2:{"type": "chart", "value": {"type": "line"}}\')'
    answer = await sandbox.process.code_run(code, CodeRunParams(env=plotting), timeout=120)
    assert answer.artifacts is not None
    assert answer.artifacts.charts == []
