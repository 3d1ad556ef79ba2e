# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests share: the collection as its users get it, and the simulator."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent

# The fixtures simulator and start_simulator.
pytest_plugins = ["unit.conftest"]

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return a function that runs a program of this environment to its end, and nothing of ours around it."""
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
                **environment,
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
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


@pytest.fixture
def node(collections: Path, tmp_path: Path) -> Iterator[Any]:
    """Give an execution node of AWX, and look afterwards whether a job left a secret, or whom an order belongs to."""
    from job import Node  # it reads the definitions, which are found by ROOT above

    node = Node(tmp_path, collections)
    yield node
    for ended in node.ended:
        for file in ended.files():
            content = file.read_text(encoding="utf-8")
            for secret in ("-for-the-simulator", "Musterstra", "@shop.example"):
                assert secret not in content, file


@pytest.fixture
def stranger() -> Iterator[Stranger]:
    """Give a server that no job has any business with."""
    with Stranger() as stranger:
        yield stranger


class Stranger:
    """Listens, and counts who calls."""

    def __init__(self) -> None:
        self.calls = 0
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}/api/v2"

    def __enter__(self) -> Stranger:
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._listening.close()

    def _listen(self) -> None:
        with contextlib.suppress(OSError):  # closed: the test is over
            while True:
                self._listening.accept()[0].close()
                self.calls += 1
