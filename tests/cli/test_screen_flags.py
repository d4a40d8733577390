"""The flags of the screen are there, and are no flags of subcommands."""

from __future__ import annotations

from tests.cli.conftest import Run


async def test_flags_of_the_look_are_the_screens(run: Run) -> None:
    helped = (await run("--help")).out.decode()
    assert {"--theme", "--ascii", "--reduced-motion"} <= set(helped.split())
    for words in (("--theme", "day"), ("--ascii",), ("--reduced-motion",)):
        told = await run(*words, "regions")
        assert told.code == 2
        assert f"{words[0]} is for the screen" in told.err
