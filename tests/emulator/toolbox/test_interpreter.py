"""The interpreter through the SDK: contexts that remember."""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING

import pytest
from aiohttp import WSMsgType
from tests.emulator.toolbox.conftest import Toolbox
from tests.emulator.toolbox.processes import running_with, unique_nap, until

from daytona_tui.emulator.body.box import Box

if TYPE_CHECKING:
    from daytona import AsyncSandbox


async def test_names_are_kept(sandbox: AsyncSandbox) -> None:
    interpreter = sandbox.code_interpreter
    first = await interpreter.run_code("import math\ndef area(r): return round(math.pi * r * r)\nx = 2")
    assert (first.stdout, first.stderr, first.error) == ("", "", None)
    assert (await interpreter.run_code("x += 1; print(area(x))")).stdout == "28\n"
    assert (await interpreter.run_code("x")).stdout == ""


async def test_contexts_are_separate(sandbox: AsyncSandbox, box: Box) -> None:
    interpreter = sandbox.code_interpreter
    (box.home / "below").mkdir()
    one, two = await interpreter.create_context(), await interpreter.create_context(cwd=f"{box.work_dir}/below")
    assert (one.language, one.active, one.cwd) == ("python", True, box.work_dir)
    await interpreter.run_code("x = 'one'", context=one)
    await interpreter.run_code("x = 'two'", context=two)
    look = "import os; print(x, os.getcwd())"
    assert (await interpreter.run_code(look, context=one)).stdout == f"one {box.work_dir}\n"
    assert (await interpreter.run_code(look, context=two)).stdout == f"two {box.work_dir}/below\n"
    error = (await interpreter.run_code("x")).error
    assert error is not None
    assert error.name == "NameError"
    assert {context.id for context in await interpreter.list_contexts()} == {one.id, two.id}
    await interpreter.delete_context(one)
    assert {context.id for context in await interpreter.list_contexts()} == {two.id}


async def test_output_comes_as_it_is_printed(sandbox: AsyncSandbox, box: Box) -> None:
    seen: list[str] = []
    code = (
        "import os, pathlib, sys, time\nprint('out ☃')\nprint('err', file=sys.stderr)\n"
        "while not pathlib.Path('go').exists(): time.sleep(0.01)\nos.system('echo child')\nprint('end', end='')"
    )
    running = asyncio.create_task(
        sandbox.code_interpreter.run_code(
            code,
            on_stdout=lambda message: seen.append(message.output),
            on_stderr=lambda message: seen.append(message.output),
        )
    )
    await until(lambda: sorted(seen) == ["err\n", "out ☃\n"])
    (box.home / "go").touch()
    result = await asyncio.wait_for(running, 10)
    assert (result.stdout, result.stderr) == ("out ☃\nchild\nend", "err\n")


async def test_errors_have_name_value_and_the_codes_own_traceback(sandbox: AsyncSandbox) -> None:
    interpreter = sandbox.code_interpreter
    error = (await interpreter.run_code("def f():\n    return 1 / 0\nprint('before')\nf()")).error
    assert error is not None
    assert (error.name, error.value) == ("ZeroDivisionError", "division by zero")
    assert error.traceback.startswith('Traceback (most recent call last):\n  File "<stdin>", line 4, in <module>')
    assert "return 1 / 0" in error.traceback
    assert "interpreter_worker" not in error.traceback
    error = (await interpreter.run_code("if then:")).error
    assert error is not None
    assert error.name == "IndentationError"
    assert (await interpreter.run_code("import sys; print(1); sys.exit(3)")).error is None
    assert (
        await interpreter.run_code("class E(Exception):\n def __str__(self): raise self\nraise E")
    ).error is not None
    assert (await interpreter.run_code("print('alive')")).stdout == "alive\n"


async def test_environment_is_for_one_run(sandbox: AsyncSandbox) -> None:
    interpreter = sandbox.code_interpreter
    look = "import os; print(os.environ.get('WORD'), os.environ['GREETING'])"
    assert (await interpreter.run_code(look, envs={"WORD": "w"})).stdout == "w hello\n"
    assert (await interpreter.run_code(look)).stdout == "None hello\n"
    assert (await interpreter.run_code("print(input())")).error is not None  # there is no input


@pytest.mark.parametrize("stubborn", [False, True])
async def test_time_is_up(sandbox: AsyncSandbox, stubborn: bool) -> None:
    from daytona.common.errors import DaytonaTimeoutError

    interpreter = sandbox.code_interpreter
    nap = unique_nap()
    await interpreter.run_code("x = 1")
    catch = "try: time.sleep(1)\n except KeyboardInterrupt: pass" if stubborn else "time.sleep(1)"
    code = f"import subprocess, time\np = subprocess.Popen(['sleep', '{nap}'])\nwhile True:\n {catch}"
    before = time.monotonic()
    with pytest.raises(DaytonaTimeoutError):
        await interpreter.run_code(code, timeout=1)
    assert time.monotonic() - before < 20
    # A context that heeds its interruption remembers; one that does not is replaced, with all that it had started.
    error = (await interpreter.run_code("print(x)")).error
    assert (error is None) is not stubborn
    assert len(running_with(nap)) == (0 if stubborn else 1)


async def test_a_client_that_goes_interrupts_its_code(sandbox: AsyncSandbox) -> None:
    interpreter = sandbox.code_interpreter
    seen: list[str] = []
    running = asyncio.create_task(
        interpreter.run_code(
            "import time\nx = 1\nprint('on')\nwhile True: time.sleep(1)",
            on_stdout=lambda message: seen.append(message.output),
        )
    )
    await until(lambda: seen)
    running.cancel()
    result = await asyncio.wait_for(interpreter.run_code("print(x)"), 5)
    assert result.stdout == "1\n"


async def test_runs_of_one_context_wait_for_each_other(sandbox: AsyncSandbox) -> None:
    interpreter = sandbox.code_interpreter
    await interpreter.run_code("seen = []")
    code = "import time\nseen.append('in'); time.sleep(0.05); seen.append('out')"
    await asyncio.gather(*(interpreter.run_code(code) for _ in range(5)))
    assert (await interpreter.run_code("print(' '.join(seen))")).stdout == " ".join(["in out"] * 5) + "\n"


async def test_a_context_that_dies(sandbox: AsyncSandbox) -> None:
    from daytona.common.errors import DaytonaConnectionError, DaytonaProcessNotFoundError

    interpreter = sandbox.code_interpreter
    context = await interpreter.create_context()
    with pytest.raises(DaytonaConnectionError):
        await interpreter.run_code("print('last'); import os; os._exit(3)", context=context)
    with pytest.raises(DaytonaConnectionError):
        await interpreter.run_code("1", context=context)
    assert [found.active for found in await interpreter.list_contexts()] == [False]
    await interpreter.delete_context(context)
    with pytest.raises(DaytonaProcessNotFoundError):
        await interpreter.delete_context(context)
    with pytest.raises(DaytonaConnectionError):
        await interpreter.run_code("import os; os._exit(3)")
    assert (await interpreter.run_code("print('anew')")).stdout == "anew\n"


async def test_much_and_binary_output(sandbox: AsyncSandbox) -> None:
    interpreter = sandbox.code_interpreter
    result = await interpreter.run_code("for n in range(200000): print(n)")
    assert result.stdout == "".join(f"{n}\n" for n in range(200_000))
    result = await interpreter.run_code("import os; os.write(1, bytes(range(256)) * 1000); os.write(2, b'\\xff')")
    assert (len(result.stdout) > 128_000, result.stderr) == (True, "\ufffd")
    error = (await interpreter.run_code("raise ValueError('x' * 50_000_000)")).error
    assert error is not None
    assert len(error.value) <= 64 * 1024


async def test_a_worker_that_lies_is_not_believed(sandbox: AsyncSandbox) -> None:
    from daytona.common.errors import DaytonaConnectionError

    code = "import os\nfor fd in range(3, 20):\n"
    code += " try: os.write(fd, b'[' * 3_000_000 + b'\\n')\n except OSError: pass"
    with pytest.raises(DaytonaConnectionError):
        await asyncio.wait_for(sandbox.code_interpreter.run_code(code), 20)
    assert (await sandbox.code_interpreter.run_code("print('anew')")).stdout == "anew\n"


@pytest.mark.parametrize(
    ("order", "code"),
    [
        ("no json", 1002),
        ("[]", 1002),
        ("{}", 1008),
        ({"code": ""}, 1008),
        ({"code": "1", "timeout": -1}, 1008),
        ({"code": "1", "timeout": "soon"}, 1008),
        ({"code": "1", "envs": {"a": 1}}, 1008),
        ({"code": "1", "contextId": "nowhere"}, 1008),
        ({"code": "print(1)", "timeout": None, "envs": None, "contextId": None}, 1000),
    ],
)
async def test_orders_that_are_none(toolbox: Toolbox, order: object, code: int) -> None:
    async with toolbox.http.ws_connect(f"{toolbox.url}/process/interpreter/execute") as socket:
        await socket.send_str(order if isinstance(order, str) else json.dumps(order))
        while (await socket.receive(timeout=10)).type is WSMsgType.TEXT:
            pass
        assert socket.close_code == code


async def test_refusals(sandbox: AsyncSandbox, toolbox: Toolbox) -> None:
    from daytona.common.errors import DaytonaBadRequestError

    with pytest.raises(DaytonaBadRequestError):
        await sandbox.code_interpreter.create_context(cwd="/nowhere")
    base = f"{toolbox.url}/process/interpreter"
    for body in ("{", "[]", '{"language": "ruby"}', '{"cwd": 1}'):
        async with toolbox.http.post(f"{base}/context", data=body) as answer:
            assert answer.status == 400
    async with toolbox.http.delete(f"{base}/context/default") as answer:
        assert answer.status == 400
    async with toolbox.http.get(f"{base}/execute") as answer:
        assert answer.status == 400


async def test_nothing_is_left_when_the_box_closes(sandbox: AsyncSandbox, box: Box) -> None:
    nap = unique_nap()
    running = asyncio.create_task(sandbox.code_interpreter.run_code(f"import os; os.system('exec sleep {nap}')"))
    await until(lambda: running_with(nap))
    await box.close(force=True)
    await asyncio.wait({running}, timeout=5)
    assert running.done()
    assert running.exception() is not None
    assert not running_with(nap)
