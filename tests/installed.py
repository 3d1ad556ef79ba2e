# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures: the collection as its users get it, built and installed, and the programs of this environment."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return a function that runs a program of this environment to its end, without our environment variables."""
    home = tmp_path_factory.mktemp("home")

    def runner(*command: str | Path, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(BIN / command[0]), *map(str, command[1:])],
            cwd=cwd,
            env={
                "PATH": f"{BIN}{os.pathsep}{os.defpath}",
                "HOME": str(home),
                "LANG": "C.UTF-8",
                "ANSIBLE_LOCALHOST_WARNING": "false",
                "ANSIBLE_INVENTORY_UNPARSED_WARNING": "false",
                "ANSIBLE_PIPELINING": "true",
                **environment,
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    return runner


@pytest.fixture(scope="session")
def collections(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the collection's artifact and install it; return the folder of collections."""
    folder = tmp_path_factory.mktemp("collections")
    built = run("ansible-galaxy", "collection", "build", "--output-path", folder)
    assert built.returncode == 0, built.stderr
    (artifact,) = folder.glob("*.tar.gz")
    installed = run("ansible-galaxy", "collection", "install", "--offline", "-p", folder, artifact)
    assert installed.returncode == 0, installed.stderr
    return folder
