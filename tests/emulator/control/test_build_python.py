"""Python packages in builds where this machine's Python has no pip: the emulator brings one."""

from __future__ import annotations

import base64
import shutil

import pytest
from daytona import CreateSandboxFromImageParams, Image
from tests.emulator.conftest import Connect, OpenEmulator

from daytona_tui.emulator.body.box import PATH
from daytona_tui.emulator.workshop import python

_FILES = {
    "greeting.py": ("WORDS = 'hello from a package'",),
    "greeting-1.0.dist-info/METADATA": ("Metadata-Version: 2.1", "Name: greeting", "Version: 1.0"),
    "greeting-1.0.dist-info/WHEEL": ("Wheel-Version: 1.0", "Root-Is-Purelib: true", "Tag: py3-none-any"),
    "greeting-1.0.dist-info/RECORD": ("greeting.py,,",),
}
_WHEEL = "greeting-1.0-py3-none-any.whl"
_PROGRAM = f"""
import zipfile
with zipfile.ZipFile({_WHEEL!r}, "w") as wheel:
    for name, lines in {_FILES!r}.items():
        wheel.writestr(name, "\\n".join(lines) + "\\n")
"""
_MAKE = f"echo {base64.b64encode(_PROGRAM.encode()).decode()} | base64 -d | python3"


@pytest.mark.skipif(shutil.which("python3", path=PATH) is None, reason="this machine's programs have no Python at all")
@pytest.mark.parametrize("source", ["wheel", "package"])
async def test_packages_are_installed_without_a_pip_of_the_machine(
    open_emulator: OpenEmulator, connect: Connect, isolation: str, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    version, _ = python.machine_python()
    monkeypatch.setattr(python, "machine_python", lambda: (version, False))
    if source == "package":  # Debian and others take the wheel out of their Python
        monkeypatch.setattr(python, "_from_wheel", lambda site: False)
    client = await connect(await open_emulator(isolation=isolation))
    image = (
        Image.base("python:3.12")
        .run_commands(_MAKE, f"pip install --no-index {_WHEEL}")
        .run_commands("python3 -c 'import pip; print(pip.__file__)'")
    )
    heard: list[str] = []

    sandbox = await client.create(
        CreateSandboxFromImageParams(image=image), timeout=120, on_snapshot_create_logs=heard.append
    )

    lines = "\n".join(heard).splitlines()
    assert any(f".local/lib/python{version}/site-packages/pip/__init__.py" in line for line in lines), lines
    said = await sandbox.process.exec("python3 -c 'import greeting; print(greeting.WORDS)'")
    assert said.result.strip() == "hello from a package"
