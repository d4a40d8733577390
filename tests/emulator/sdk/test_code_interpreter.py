"""``sandbox.code_interpreter``: contexts that remember, and output while it comes."""

from __future__ import annotations

import pytest
from daytona import AsyncSandbox, DaytonaError, DaytonaTimeoutError, ExecutionError, OutputMessage
from daytona._async.code_interpreter import AsyncCodeInterpreter
from tests.emulator.sdk.conftest import Shell
from tests.emulator.sdk.covering import covers


@covers(AsyncCodeInterpreter.run_code)
async def test_what_was_said_before_is_remembered(sandbox: AsyncSandbox) -> None:
    out: list[OutputMessage] = []
    err: list[OutputMessage] = []
    errors: list[ExecutionError] = []
    run = sandbox.code_interpreter.run_code
    await run("x = 40\ndef add(y):\n    return x + y")

    answer = await run(
        "import os, sys\nprint(add(2), os.environ['GIVEN'])\nprint('aside', file=sys.stderr)",
        envs={"GIVEN": "value"},
        on_stdout=out.append,
        on_stderr=err.append,
    )
    failed = await run("print('before')\n1 / 0", on_error=errors.append)

    assert (answer.stdout, answer.stderr, answer.error) == ("42 value\n", "aside\n", None)
    assert "".join(each.output for each in out) == "42 value\n"
    assert "".join(each.output for each in err) == "aside\n"
    assert failed.stdout == "before\n"
    assert failed.error is not None
    assert (failed.error.name, failed.error.value) == ("ZeroDivisionError", "division by zero")
    assert [each.name for each in errors] == ["ZeroDivisionError"]


@covers(AsyncCodeInterpreter.run_code)
async def test_code_that_takes_too_long_is_interrupted(sandbox: AsyncSandbox) -> None:
    await sandbox.code_interpreter.run_code("kept = 'still here'")

    with pytest.raises(DaytonaTimeoutError):
        await sandbox.code_interpreter.run_code("import time\nwhile True: time.sleep(0.01)", timeout=1)

    answer = await sandbox.code_interpreter.run_code("print('answers again')")
    assert answer.stdout == "answers again\n"


@covers(AsyncCodeInterpreter.create_context, AsyncCodeInterpreter.list_contexts, AsyncCodeInterpreter.delete_context)
async def test_contexts_know_nothing_of_each_other(sandbox: AsyncSandbox, shell: Shell) -> None:
    interpreter = sandbox.code_interpreter
    await shell("mkdir -p place")
    home = await sandbox.get_user_home_dir()
    here, there = await interpreter.create_context(), await interpreter.create_context(cwd=f"{home}/place")

    await interpreter.run_code("name = 'here'", context=here)
    unknown = await interpreter.run_code("print(name)", context=there)
    place = await interpreter.run_code("import os; print(os.path.basename(os.getcwd()))", context=there)

    assert unknown.error is not None
    assert unknown.error.name == "NameError"
    assert place.stdout == "place\n"
    assert {here.id, there.id} <= {each.id for each in await interpreter.list_contexts()}
    await interpreter.delete_context(here)
    assert here.id not in {each.id for each in await interpreter.list_contexts()}
    with pytest.raises(DaytonaError):
        await interpreter.run_code("1", context=here)
