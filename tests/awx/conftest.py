# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests share: the collection as its users get it, the simulator, and an execution node."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from job import SHOP, Ended, Job, Node

# The fixtures simulator, start_simulator, run and collections.
pytest_plugins = ["unit.conftest", "installed"]


@pytest.fixture
def node(collections: Path, tmp_path: Path) -> Iterator[Any]:
    """Give an execution node of AWX, and look afterwards whether a job left a secret, or whom an order belongs to."""
    node = Node(tmp_path, collections)
    yield node
    for ended in node.ended:
        for file in ended.files():
            content = file.read_text(encoding="utf-8")
            for secret in ("-for-the-simulator", "Musterstra", "@shop.example"):
                assert secret not in content, file


@pytest.fixture
def launch(node: Node, simulator: Any) -> Callable[..., Ended]:
    """Give a function that runs a job in the shop of the simulator."""
    credential = {"api_key": simulator.api_key, "api_url": simulator.api_url}

    def launch(template: str = "Cancel orders", **decided: Any) -> Ended:
        return node.run(Job(template, {SHOP: {}}, **{"credential": credential, **decided}))

    return launch


@pytest.fixture
def stranger() -> Iterator[Stranger]:
    """Give a server that no job has any business with."""
    with Stranger() as stranger:
        yield stranger


class Stranger:
    """Listens, and counts who calls."""

    def __init__(self) -> None:
        self.calls = 0
        self._said = b""
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}/api/v2"

    def __enter__(self) -> Stranger:
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._listening.close()

    def heard(self, secret: str) -> bool:
        """Tell whether somebody who called said this."""
        return secret.encode() in self._said

    def _listen(self) -> None:
        with contextlib.suppress(OSError):  # closed: the test is over
            while True:
                with self._listening.accept()[0] as caller:
                    self.calls += 1
                    caller.settimeout(1)
                    with contextlib.suppress(OSError):
                        self._said += caller.recv(65536)
