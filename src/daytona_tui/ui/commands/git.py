"""Commands of the git pane."""

from __future__ import annotations

from daytona_tui.ui.commands.base import Command, Scope

OPEN_GIT = Command(
    "open-git", "enter,right", "Open",
    "Open a repository, show what differs in a file or what a commit changed, or check a branch out.", Scope.GIT, 1,
)  # fmt: skip
BACK_GIT = Command("back-git", "escape,left,h", "Back", "Go back to what this was opened from.", Scope.GIT, 2)
STAGE = Command("stage", "space", "Stage", "Take the file into the next commit, or leave it out again.", Scope.GIT, 3)
STAGE_ALL = Command(
    "stage-all", "e", "Everything", "Take all that differs into the next commit; once more, none of it.", Scope.GIT, 4
)
COMMIT = Command("commit", "c", "Commit", "Commit what is staged.", Scope.GIT, 5)
GIT_LOG = Command("git-log", "l", "Log", "List the commits of the repository.", Scope.GIT, 6)
BRANCHES = Command("branches", "o", "Branches", "List the branches, to check one out.", Scope.GIT, 7)
NEW_BRANCH = Command("new-branch", "N", "New branch", "Make a branch of what is checked out.", Scope.GIT)
FETCH = Command("fetch", "f", "Fetch", "Learn what the remote has; nothing is merged.", Scope.GIT, 23)
GIT_PULL = Command("git-pull", "less_than_sign", "Git pull", "Fetch and merge what the branch follows.", Scope.GIT, 24)
GIT_PUSH = Command("git-push", "greater_than_sign", "Git push", "Push the branch.", Scope.GIT, 25)
TAKE_PATCH = Command(
    "take-patch", "H", "Patch home",
    "Write one patch of all that the remote does not have where pulls go: commits, changes and new files.",
    Scope.GIT, 8,
)  # fmt: skip
DIFF_KIND = Command(
    "diff-kind", "v", "Staged",
    "Show what differs in all files; of what is shown: all since the last commit, what is staged, what is not.",
    Scope.GIT,
)  # fmt: skip
CLONE = Command("clone", "C", "Clone", "Clone a repository into the sandbox.", Scope.GIT, 9)
REFRESH_GIT = Command("refresh-git", "r", "Refresh", "Look again at once.", Scope.GIT, 27)
COPY_GIT = Command("copy-git", "y", "Copy", "Copy the path, the hash, the name or the line under the cursor.",
                   Scope.GIT, 28)  # fmt: skip

GIT_COMMANDS = (
    OPEN_GIT,
    BACK_GIT,
    STAGE,
    STAGE_ALL,
    COMMIT,
    GIT_LOG,
    BRANCHES,
    NEW_BRANCH,
    FETCH,
    GIT_PULL,
    GIT_PUSH,
    TAKE_PATCH,
    DIFF_KIND,
    CLONE,
    REFRESH_GIT,
    COPY_GIT,
)
