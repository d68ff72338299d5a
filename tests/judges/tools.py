"""Where the judges are installed, and how they are called."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
HOME = HERE.parents[1] / "build" / "judges"
PACKAGES = HOME / "node_modules"
PYTHON = HOME / "venv" / "bin" / "python"
DEADLINE = 60

INSTALL = "packaging/test installs it below build/judges"


def needs_node(package: str) -> pytest.MarkDecorator:
    """Skip without Node or without an npm package."""
    if shutil.which("node") is None:
        return pytest.mark.skip(reason=f"Node is missing, so {package} cannot judge")
    there = (PACKAGES / package / "package.json").is_file()
    return pytest.mark.skipif(not there, reason=f"{package} is not installed ({INSTALL})")


def needs_python(package: str) -> pytest.MarkDecorator:
    """Skip without a package in the judges' own environment."""
    found = list(HOME.glob(f"venv/lib/python*/site-packages/{package}"))
    there = PYTHON.is_file() and bool(found)
    return pytest.mark.skipif(not there, reason=f"{package} is not installed ({INSTALL})")


def ntn_binary() -> Path:
    """Return where npm's `ntn` keeps the program for this machine."""
    machine = {"x86_64": "x64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    name = f"ntn-{platform.system().lower()}-{machine}"
    return PACKAGES / "ntn" / "dist" / name / "ntn"


def environment(**extra: str) -> dict[str, str]:
    """Return an environment in which loopback is never looked for behind a proxy."""
    kept = {
        name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")
    }
    return {**kept, "NO_PROXY": "*", "NODE_NO_WARNINGS": "1", **extra}


def run_node(script: str, url: str, given: Any = None) -> Any:
    """Run `node/<script>` against the simulator at *url*; return the JSON it prints."""
    return _run(["node", str(HERE / "node" / script)], url, given)


def run_python(script: str, url: str, given: Any = None) -> Any:
    """Run `python/<script>` in the judges' own environment; return the JSON it prints."""
    return _run([str(PYTHON), "-W", "ignore", str(HERE / "python" / script)], url, given)


def _run(command: list[str], url: str, given: Any) -> Any:
    done = subprocess.run(
        command,
        input=json.dumps(given),
        env=environment(NOTION_URL=url, NOTION_TOKEN="demo-token", JUDGES=str(HOME)),
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:] or done.stdout[-4000:]
    return json.loads(done.stdout.strip("\n").rsplit("\n", 1)[-1])
