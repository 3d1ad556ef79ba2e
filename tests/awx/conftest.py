# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests share: the collection as its users get it, shops, and an execution node."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from job import Ended, Job, Node
from unit.conftest import Simulator, SimulatorProcess

# The fixtures run and collections.
pytest_plugins = ["installed"]

SEED = Path(__file__).with_name("shops.yml")
KEYS = {name: shop["api_key"] for name, shop in yaml.safe_load(SEED.read_text(encoding="utf-8"))["shops"].items()}


@pytest.fixture(scope="session")
def simulated() -> Iterator[Simulator]:
    """Give one simulator for all tests."""
    process = SimulatorProcess("--seed", str(SEED))
    yield Simulator(process)
    process.stop()


@pytest.fixture
def shops(simulated: Simulator) -> Simulator:
    """Give the shops as they are at first, and the log of requests empty."""
    simulated.reset()
    return simulated


@pytest.fixture
def node(collections: Path, tmp_path: Path) -> Iterator[Node]:
    """Give an execution node of AWX, and check afterwards that no job has left a part of a key or personal data."""
    node = Node(tmp_path, collections)
    yield node
    for ended in node.ended:
        assert ended.leaks() == []
        assert "@shop.example" not in ended.output


@pytest.fixture
def prepare(shops: Simulator) -> Callable[..., Job]:
    """Give a function that prepares a job for all shops, with the credential of an admin."""
    keys = "".join(f'{name}: "{key}"\n' for name, key in KEYS.items())

    def prepare(template: str, answers: dict[str, Any] | None = None, **decided: Any) -> Job:
        credential = {"shop_keys": keys, "api_url": shops.api_url}
        defaults = {
            "shops": list(KEYS),
            "credential": credential,
            "answers": {"komfortkasse_hosts": "all", **(answers or {})},
        }
        return Job(template, **{**defaults, **decided})

    return prepare


@pytest.fixture
def launch(node: Node, prepare: Callable[..., Job]) -> Callable[..., Ended]:
    """Give a function that runs a job to its end."""
    return lambda *arguments, **decided: node.run(prepare(*arguments, **decided))
