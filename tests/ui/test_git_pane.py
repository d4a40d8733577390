"""The repositories of a sandbox in their tab: seen, staged, committed, pushed with a login, and taken home."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.support.git_server import PASSWORD, USER, GitServer, git, git_server
from tests.ui.driver import OpenApp
from tests.ui.panes_driver import Inside, inside
from textual.widgets import Input, TextArea

from daytona_tui.ui.panes.git import GitPane
from daytona_tui.ui.panes.git_levels import Level
from daytona_tui.ui.screens.form import FormScreen


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[GitServer]:
    async with git_server(tmp_path / "served") as server:
        yield server


def pane_of(it: Inside) -> GitPane:
    return it.screen.git_pane


def rows(it: Inside) -> list[str]:
    return [" ".join(cell.text for cell in row) for row in pane_of(it).table.rows]


async def until_row(it: Inside, *words: str) -> None:
    await it.opened.until(lambda: any(all(word in row for word in words) for row in rows(it)))


async def put_cursor_on(it: Inside, word: str) -> None:
    await until_row(it, word)
    pane_of(it).table.move_cursor(next(at for at, row in enumerate(rows(it)) if word in row))
    await it.opened.pilot.pause()


def form_of(it: Inside) -> FormScreen | None:
    screen = it.opened.app.screen
    return screen if isinstance(screen, FormScreen) else None


async def fill(it: Inside, **values: str) -> None:
    """Type into the form that is open, and submit it."""

    def is_ready() -> bool:
        form = form_of(it)
        return form is not None and all(form.query(f"#entry-{key}") for key in values)

    await it.opened.until(is_ready)
    form = form_of(it)
    assert form is not None
    for key, value in values.items():
        entry = form.query_one(f"#entry-{key}")
        if isinstance(entry, TextArea):
            entry.text = value
        else:
            assert isinstance(entry, Input)
            entry.value = value
    await it.opened.pilot.pause()
    await it.opened.press("ctrl+s")
    await it.opened.until(lambda: form_of(it) is not form)


async def test_a_day_in_the_pane(
    open_app: OpenApp, tmp_path: Path, server: GitServer, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    address = server.make("app", {"one": "1\n", "two": "2\n"})
    async with inside(open_app, tmp_path) as it:
        press, until = it.opened.press, it.opened.until
        await press("U")
        await until(lambda: "no repository was found" in it.text)

        # A clone that wants a login; the form of a mistake comes back filled.
        await press("C")
        await fill(it, repository=f"{server.address}/nowhere.git", path="code/")
        await until(lambda: form_of(it) and "wants a login" in str(form_of(it).form.title))  # type: ignore[union-attr]
        await fill(it, source="type it", user=USER, password=PASSWORD)
        await until(lambda: form_of(it) and "Clone" in form_of(it).form.title)  # type: ignore[union-attr]
        form = form_of(it)
        assert form is not None
        assert form.form.trouble
        await until(lambda: form.query("#entry-path"))
        assert form.values["path"] == "code/"
        await fill(it, repository=address)
        await fill(it, source="type it", user=USER, password="wr0ng-word")
        await until(lambda: form_of(it) and form_of(it).form.trouble)  # type: ignore[union-attr]
        assert "wr0ng" not in it.text
        await fill(it, source="type it", user=USER, password=PASSWORD)
        await until_row(it, "~/code/app", "main", "clean", "first")

        app = it.home / "code" / "app"
        (app / "two").write_text("zwei\n")
        (app / "n\x1b[2Jew").write_text("neu\n")
        git(app, "config", "user.name", "Ann")
        git(app, "config", "user.email", "ann@x")
        before = it.opened.emulator.fleet.records[it.sandbox.id].last_activity_at
        await press("r")
        await until_row(it, "1 changed, 1 new")
        assert "nothing is staged" in pane_of(it).refusal(next(c for c in pane_of(it).COMMANDS if c.id == "commit"))
        await press("enter")
        await put_cursor_on(it, "two")
        assert "\x1b" not in "".join(rows(it))
        await press("enter")
        await until(lambda: "+zwei" in it.text and "-2" in it.text)
        await press("enter")
        assert "nothing to open" in it.notices
        await press("v")
        await until(lambda: "nothing differs" in it.text)
        await press("escape", "v", "v", "v")
        await until(lambda: "+zwei" in it.text and "+neu" in it.text)
        await press("escape")
        assert it.opened.emulator.fleet.records[it.sandbox.id].last_activity_at == before
        await put_cursor_on(it, "two")
        await press("space")
        await until_row(it, "● M", "two")
        await press("space")
        await until_row(it, "○  M", "two")
        await press("e")
        await until(lambda: all(row.startswith("●") for row in rows(it)))
        await press("c", *"Sec", "escape", "c")
        await until(lambda: (form := form_of(it)) is not None and form.values.get("message") == "Sec")
        await fill(it, message="Second")
        await until(lambda: "nothing differs from the last commit" in it.text)
        assert git(app, "log", "-1", "--format=%s %an %ae").strip() == "Second Ann ann@x"
        await press("l")
        await until_row(it, "↑", "Second")
        await press("enter")
        await until(lambda: "+neu" in it.text and pane_of(it).view.level is Level.COMMIT)

        # Home, and to the remote.
        await press("H")
        await until(lambda: list(tmp_path.glob("*.patch")))
        git(tmp_path, "clone", "-q", str(server.root / "app.git"), "here")
        git(tmp_path / "here", "apply", "--check", str(next(iter(tmp_path.glob("*.patch")))))
        await press(">")
        await fill(it, source="type it", user=USER, password=PASSWORD)
        await until(lambda: server.log("app") == ["Second", "first"])
        server.push("app", {"three": "3\n"}, "Third")
        (home / ".gitconfig").write_text(
            f'[credential "{server.address}"]\n\thelper = "!f() {{ echo username={USER}; cat $HOME/word; }}; f"\n'
        )
        word = home / "word"
        word.write_text(f"password={PASSWORD}\n")
        await press("<")
        await until(lambda: "credential helper of this machine" in it.text)
        await fill(it)
        await until((app / "three").exists)

        await press("N")
        await press(*"side", "enter")
        await until(lambda: git(app, "branch", "--show-current").strip() == "side")
        await press("o")
        await put_cursor_on(it, " main ")
        await press("enter")
        await until(lambda: git(app, "branch", "--show-current").strip() == "main")
        await press("escape", "escape")
        await until(lambda: pane_of(it).view.level is Level.REPOSITORIES)
        await press("w")
        await until(lambda: "Push app of" in it.text)
        assert PASSWORD not in it.text
        word.unlink()
        kept = [path for path in (tmp_path, it.home, home) for path in path.rglob("*") if path.is_file()]
        assert not [path for path in kept if PASSWORD.encode() in path.read_bytes()]


async def test_what_the_pane_refuses_and_says(open_app: OpenApp, tmp_path: Path) -> None:
    async with inside(open_app, tmp_path, size=(80, 24)) as it:
        for name in ("one", "two"):
            (it.home / name).mkdir()
            git(it.home / name, "init", "-q", "-b", "trunk")
        (it.home / "one" / "file").write_text("x\n")
        await it.opened.press("U")
        await until_row(it, "~/one", "trunk", "1 new")
        assert "no commit yet" in it.text
        await it.opened.press(">")
        assert "no remote called origin" in it.notices
        await it.opened.press("space")
        assert "enter opens the repository" in it.notices
        await it.opened.press("l")
        await it.opened.until(lambda: "there is no commit yet" in it.text)
        await it.opened.press("escape")
        await it.opened.forbid("this key may only read")
        for key in ("C", "c", "e", "f"):
            await it.opened.press(key)
        assert it.notices.count("this key may only read") == 4
        await it.gateway.stop(it.sandbox.id, timeout_s=20)
        await it.opened.until(lambda: "its repositories can be looked at while it runs" in it.text)
        await it.opened.press("H")
        assert "its repositories can be reached while it runs" in it.notices
        await it.opened.press("U")
        await it.opened.until(lambda: it.screen.current_pane is it.screen.fleet_pane)
