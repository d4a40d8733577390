"""Python as images of it have it, where this machine's has another name, or comes without pip."""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import shutil
import subprocess
import zipfile
from importlib import resources
from pathlib import Path

from daytona_tui.emulator.body.box import PATH

_LOOK_S = 20.0
_LOOK = "import importlib.util as u, sys; print('%d.%d' % sys.version_info[:2], u.find_spec('pip') is not None)"
_PIP = '#!/bin/sh\nexec python3 -m pip "$@"\n'


def name_python(home: Path) -> None:
    """Call Python ``python`` where this machine knows it as ``python3`` alone. Blocks on disk."""
    python = shutil.which("python3", path=PATH)
    if python is not None and shutil.which("python", path=PATH) is None:
        named = home / ".local" / "bin" / "python"
        named.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            named.symlink_to(python)


def give_pip(home: Path) -> None:
    """Put a pip into a home where this machine's Python has none: several systems leave it out. Blocks.

    It is the one that comes with the Python that the emulator runs in; there is nothing to do where that has none.
    """
    version, has_pip = machine_python()
    if version and not has_pip:
        put_pip(home, version)


@functools.cache
def machine_python() -> tuple[str, bool]:
    """Return the version of this machine's Python, such as ``3.11``, and whether it has pip; empty for no Python."""
    python = shutil.which("python3", path=PATH)
    if python is None:
        return "", False
    try:
        told = subprocess.run(
            [python, "-I", "-c", _LOOK], capture_output=True, text=True, timeout=_LOOK_S, check=True, env={"PATH": PATH}
        )
        version, found = told.stdout.split()
    except (OSError, ValueError, subprocess.SubprocessError):
        return "", False
    return version, found == "True"


def put_pip(home: Path, version: str) -> None:
    """Put pip where a Python of ``version`` looks for packages of its user. Blocks on disk."""
    site = home / ".local" / "lib" / f"python{version}" / "site-packages"
    if (site / "pip").exists():
        return
    site.mkdir(parents=True, exist_ok=True)
    if not (_from_wheel(site) or _from_package(site)):
        return
    script = home / ".local" / "bin" / "pip"
    script.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError), script.open("x") as file:
        file.write(_PIP)
        script.chmod(0o755)


def _from_wheel(site: Path) -> bool:
    """Unpack the wheel that Python itself carries along; false where it was left out."""
    with contextlib.suppress(ImportError, FileNotFoundError):
        carried = resources.files("ensurepip").joinpath("_bundled")
        for entry in carried.iterdir():
            if entry.name.startswith("pip-") and entry.name.endswith(".whl"):
                with entry.open("rb") as file, zipfile.ZipFile(file) as wheel:
                    wheel.extractall(site)
                return True
    return False


def _from_package(site: Path) -> bool:
    """Copy the pip of the environment that the emulator runs in; false where it has none."""
    found = importlib.util.find_spec("pip")
    if found is None or not found.submodule_search_locations:
        return False
    shutil.copytree(
        found.submodule_search_locations[0], site / "pip", ignore=shutil.ignore_patterns("__pycache__"), symlinks=True
    )
    return True
