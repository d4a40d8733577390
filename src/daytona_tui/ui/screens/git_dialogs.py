"""Opens the dialogs for which the git pane asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from daytona_tui.domain.git_address import Address, address_of, usual_user
from daytona_tui.errors import ConfigError
from daytona_tui.operations.git_clone import Wanted
from daytona_tui.operations.git_logins import Offer, of_token
from daytona_tui.operations.git_person import Person, person_of
from daytona_tui.operations.git_sync import checked_branch
from daytona_tui.presentation.forms import Form, FormField, Kind, Value, Values
from daytona_tui.presentation.safe_text import safe
from daytona_tui.ui.panes.file_dialogs import TextWish
from daytona_tui.ui.panes.git_dialogs import CloneAnswer, CommitWish, LoginAnswer
from daytona_tui.ui.screens.file_dialogs import FileScreens

_TYPED = "type it"
_SECRET = "password"


class GitScreens(FileScreens):
    """The dialogs around repositories."""

    def ask_commit(
        self, wish: CommitWish, then: Callable[[str, Person], None], left: Callable[[str, str], None]
    ) -> None:
        """Ask for a message and whom the commit is by; ``left`` gets both as typed where it is left for later."""
        from daytona_tui.ui.screens.form import FormScreen

        form = Form(
            "Commit",
            (
                FormField("message", "Message", Kind.BLOCK, "the first line is the subject", value=wish.message),
                FormField("author", "Author", hint="Name <address>", value=wish.person),
            ),
            submit="Commit",
            check=_commit_mistakes,
            notes=(wish.where, *wish.files),
            trouble=wish.trouble,
            is_remembered=False,  # ``left`` does, for this repository
        )

        def answered(values: dict[str, Value] | None) -> None:
            if values is not None:
                then(str(values["message"]).strip(), person_of(str(values["author"])))
            else:
                left(str(screen.values.get("message", "")), str(screen.values.get("author", "")))

        screen = FormScreen(form)
        self._open(screen, answered)

    def ask_branch(self, where: str, then: Callable[[str], None]) -> None:
        """Ask for the name of a new branch."""
        wish = TextWish(f"New branch of {where}", "Name:", check=lambda text: _mistake(checked_branch, text.strip()))
        self.ask_text(wish, lambda text: then(text.strip()))

    def ask_clone(
        self, sandbox: str, said: Mapping[str, object], trouble: str, then: Callable[[CloneAnswer], None]
    ) -> None:
        """Ask what to clone."""
        from daytona_tui.ui.screens.form import FormScreen

        def value(key: str) -> Value:
            told = said.get(key, "")
            return told if isinstance(told, str | bool) else ""

        form = Form(
            f"Clone into {sandbox}",
            (
                FormField("repository", "Repository", hint="URL, or owner/name",
                          value=value("repository")),
                FormField("path", "Path", hint="ends with /: into that",
                          value=value("path")),
                FormField("branch", "Branch", hint="or tag", value=value("branch")),
                FormField("commit", "Commit", hint="its hash",
                          value=value("commit")),
                FormField("depth", "Depth", Kind.COUNT, "latest N commits only", value=value("depth")),
            ),
            submit="Clone",
            check=_clone_mistakes,
            told=_clone_told,
            notes=("A login is asked for if the git server wants one.",),
            trouble=trouble,
        )  # fmt: skip

        def answered(values: dict[str, Value] | None) -> None:
            if values is not None:
                then(CloneAnswer(_wanted(values), values))

        self._open(FormScreen(form), answered)

    async def ask_login(
        self, address: Address, sandbox: str, offers: Sequence[Offer], trouble: str
    ) -> LoginAnswer | None:
        """Ask which login to give, as soon as nothing is being typed."""
        from daytona_tui.ui.screens.form import FormScreen

        await self._until_free()
        form = _login_form(address, sandbox, offers, trouble)
        values = await self._screen.app.push_screen(FormScreen(form), wait_for_dismiss=True)
        if values is None:
            return None
        chosen = next((offer for offer in offers if offer.key == values.get("source")), None)
        if chosen is not None:
            return LoginAnswer(chosen)
        return LoginAnswer(login=of_token(str(values[_SECRET]), address, str(values.get("user", ""))))


def _login_form(address: Address, sandbox: str, offers: Sequence[Offer], trouble: str) -> Form:
    choices = (*(offer.key for offer in offers), _TYPED)
    user = address.username or usual_user(address.host)

    def mistakes(values: Values) -> Mapping[str, str]:
        source = values.get("source", "")
        if source not in choices:
            return {"source": f"one of: {', '.join(choices)}"}
        if source != _TYPED:
            return {}
        if not values.get(_SECRET):
            return {_SECRET: "type the password or token"}
        login = _mistake(lambda text: of_token(text, address, str(values.get("user", ""))), str(values[_SECRET]))
        return {_SECRET: login} if login else {}

    fields = (
        FormField("source", "Login from", Kind.CHOICE, "; ".join(choices), value=choices[0], choices=choices),
        FormField("user", "User name", hint=f"where it is typed; default: {safe(user)}"),
        FormField(_SECRET, "Password", Kind.HIDDEN, "or token, where it is typed"),
    )
    notes = (
        f"It is given to {sandbox} for this one request, and kept nowhere.",
        *(f"{offer.key}: {offer.words}" for offer in offers),
    )
    return Form(f"{safe(address.host)} wants a login", fields, "Use it", mistakes, notes=notes, trouble=safe(trouble))


def _commit_mistakes(values: Values) -> Mapping[str, str]:
    wrong = {}
    if not str(values.get("message", "")).strip():
        wrong["message"] = "say what the commit is about"
    author = str(values.get("author", ""))
    if not author:
        wrong["author"] = "say who: Name <address>"
    elif mistake := _mistake(person_of, author):
        wrong["author"] = mistake
    return wrong


def _clone_mistakes(values: Values) -> Mapping[str, str]:
    wrong = {}
    repository, branch, commit = (str(values.get(key, "")) for key in ("repository", "branch", "commit"))
    if not repository:
        wrong["repository"] = "say an address, or owner/name"
    elif mistake := _mistake(address_of, repository):
        wrong["repository"] = mistake
    if branch and (mistake := _mistake(checked_branch, branch)):
        wrong["branch"] = mistake
    if commit and not (4 <= len(commit) <= 64 and all(char in "0123456789abcdefABCDEF" for char in commit)):
        wrong["commit"] = "4 to 64 hexadecimal digits"
    depth = str(values.get("depth", ""))
    if depth and not (depth.isascii() and depth.isdigit() and int(depth[:9]) > 0):
        wrong["depth"] = "a number of commits from 1 on"
    return wrong


def _clone_told(values: Values) -> Sequence[str]:
    try:
        address = address_of(str(values.get("repository", "")))
    except ConfigError:
        return ()
    return (safe(f"from {address.url}"),)


def _wanted(values: Mapping[str, Value]) -> Wanted:
    depth = str(values.get("depth", ""))
    return Wanted(
        address_of(str(values["repository"])),
        str(values.get("path", "")),
        str(values.get("branch", "")),
        str(values.get("commit", "")),
        int(depth) if depth else None,
    )


def _mistake(read: Callable[[str], object], text: str) -> str:
    """Return why ``read`` does not take a text; empty when it does."""
    try:
        read(text)
    except ConfigError as error:
        return error.message
    return ""
