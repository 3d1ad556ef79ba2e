# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures for the tests of the plugins: run the module against the simulator, and tell what arrived there.

``sent()`` gives the requests in the order of their arrival, so that a test holds an exact script of them: one request
too many fails just as one too few.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from ansible.module_utils.common import warnings as ansible_warnings

from ansible_collections.community.komfortkasse.plugins.module_utils import (
    _client,
    _fresh_orders,
    _retries,
    _transport,
)
from ansible_collections.community.komfortkasse.plugins.modules import komfortkasse_order
from ansible_collections.community.komfortkasse.tests.unit.module_args import patch_module_args, read_printed

# The same examples in every run, no matter how busy the machine is, and nothing kept.
settings.register_profile(
    "steady", derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("steady")

TREE = Path(_client.__file__).parents[5]  # the directory that holds ansible_collections
NUMBER = "2026-0815"  # an UNPAID order of the simulator's seed
PROXY_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")
SCRIPT = """
import json, sys
from ansible_collections.community.komfortkasse.tests.unit.module_args import patch_module_args
from ansible_collections.community.komfortkasse.plugins.modules import komfortkasse_order
with patch_module_args(json.load(open(sys.argv[1]))):
    komfortkasse_order.main()
"""


def pytest_configure(config: pytest.Config) -> None:
    """Let a test fail in which a thread died: pytest only warns of it, and keeps the traceback from stderr."""
    config.addinivalue_line("filterwarnings", "error::pytest.PytestUnhandledThreadExceptionWarning")


@pytest.fixture(autouse=True)
def clean_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing from the environment reaches into a test, and nobody waits long before another try."""
    for name in list(os.environ):
        if name.startswith("KOMFORTKASSE_") or name.upper() in PROXY_VARIABLES:
            monkeypatch.delenv(name)
    monkeypatch.setattr(_retries, "FIRST_BACKOFF", 0.002)
    monkeypatch.setattr(_fresh_orders, "LEAST_LIST_SECONDS", 60.0)  # a busy machine takes long for the shortest list
    for module in (_client, _fresh_orders):
        monkeypatch.setattr(module, "FRESH_SECONDS", 600.0)  # and for many orders
    getattr(ansible_warnings, "_global_warnings", {}).clear()  # Ansible keeps them for the life of a process
    # Tests of filters in the same process import parts of the controller; a module runs without them.
    internal = sys.modules.get("ansible.module_utils._internal")
    if hasattr(internal, "is_controller"):  # from ansible-core 2.19 on
        monkeypatch.setattr(internal, "is_controller", False)


if sys.version_info >= (3, 11):  # where there is a simulator, see the fixtures of all unit tests
    from ansible_collections.community.komfortkasse.tests.unit.contract import Contract

    CONTRACT = Contract.load()


@pytest.fixture
def simulator(simulator: Any) -> Iterator[Any]:
    """Give the shared simulator; every request that a test makes it see has to be one that the API has."""
    simulator.inspect = CONTRACT.check
    yield simulator
    CONTRACT.check(simulator.log())


@pytest.fixture
def start_simulator(start_simulator: Callable[..., Any]) -> Iterator[Callable[..., Any]]:
    """Return a function that starts one more simulator, of which the same holds."""
    started = []

    def start(*options: str) -> Any:
        started.append(start_simulator(*options))
        started[-1].inspect = CONTRACT.check
        return started[-1]

    yield start
    for simulator in started:
        CONTRACT.check(simulator.log())


@pytest.fixture
def run_module(capsys: pytest.CaptureFixture[str]) -> Callable[..., dict[str, Any]]:
    """Return a function that runs komfortkasse_order with exactly these options and returns what it prints."""

    def run(**options: Any) -> dict[str, Any]:
        with patch_module_args(options), pytest.raises(SystemExit) as end:
            komfortkasse_order.main()
        out, errors = capsys.readouterr()
        assert errors == ""
        result = read_result(out)
        assert bool(end.value.code) == bool(result.get("failed"))
        return result

    return run


@pytest.fixture
def connection(simulator: Any) -> dict[str, Any]:
    """Options that lead to the shared simulator, with the usual time-out: a busy machine takes long."""
    return {"api_url": simulator.api_url, "api_key": simulator.api_key, "timeout": 30}


@pytest.fixture
def order(run_module: Callable[..., dict[str, Any]], connection: dict[str, Any]) -> Callable[..., dict[str, Any]]:
    """Return a function that cancels an order at the simulator, with more options if any are given."""

    def run(number: Any = NUMBER, **options: Any) -> dict[str, Any]:
        return run_module(**{**connection, "order_number": number, "state": "cancelled", **options})

    return run


@pytest.fixture
def orders(run_module: Callable[..., dict[str, Any]], connection: dict[str, Any]) -> Callable[..., dict[str, Any]]:
    """Return the same for many orders."""

    def run(numbers: Any, **options: Any) -> dict[str, Any]:
        return run_module(**{**connection, "order_numbers": numbers, "state": "cancelled", **options})

    return run


@pytest.fixture
def sent(simulator: Any) -> Callable[..., list[str]]:
    """Return a function that lists the requests so far, like "POST /order/1001/cancel"."""

    def requests(method: str | None = None) -> list[str]:
        base = "/api/v2"
        entries = simulator.log(method)
        assert all(entry["raw_path"].startswith(base) for entry in entries)
        return [f"{entry['method']} {entry['raw_path'][len(base) :]}" for entry in entries]

    return requests


@pytest.fixture
def client(simulator: Any) -> Callable[..., _client.Client]:
    """Return a function that makes a client of the simulator."""

    def make(**settings: Any) -> _client.Client:
        given = {"api_key": simulator.api_key, "api_url": simulator.api_url, "timeout": 30, "proxies_allowed": False}
        return _client.Client(_transport.Connection(**{**given, **settings}), 1)

    return make


@pytest.fixture
def start_module(tmp_path: Path, connection: dict[str, Any]) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Return a function that starts the module as a process of its own, to be sent signals.

    ``before`` is Python that the process executes first.
    """
    processes: list[subprocess.Popen[str]] = []

    def start(before: str = "", **options: Any) -> subprocess.Popen[str]:
        arguments = tmp_path / f"arguments-{len(processes)}.json"
        arguments.write_text(json.dumps({**connection, "state": "cancelled", **options}))
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(TREE), *filter(None, sys.path)])}
        processes.append(
            subprocess.Popen(
                [sys.executable, "-c", before + SCRIPT, str(arguments)],
                env=environment,
                text=True,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
        )
        return processes[-1]

    yield start
    for process in processes:
        process.kill()
        process.communicate()


@pytest.fixture
def finish() -> Callable[[subprocess.Popen[str]], dict[str, Any]]:
    """Return a function that waits for such a process and returns what it printed."""

    def wait(process: subprocess.Popen[str]) -> dict[str, Any]:
        out, errors = process.communicate(timeout=120)
        assert errors == ""
        return read_result(out)

    return wait


@pytest.fixture
def journal(tmp_path: Path) -> JournalFile:
    """Return a journal that does not exist yet."""
    return JournalFile(str(tmp_path / "journal.jsonl"))


class JournalFile:
    """A journal's ``path``; called, its entries: every line has to be whole."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __call__(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in Path(self.path).read_text().splitlines()]


def read_result(printed: str) -> dict[str, Any]:
    """What a module printed, its size in bytes as ``printed``, its warnings as plain text."""
    result = read_printed(printed)
    result["printed"] = len(printed.encode())
    result["warnings"] = [w if isinstance(w, str) else w["event"]["msg"] for w in result.get("warnings", ())]
    return result
