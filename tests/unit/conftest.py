# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures for all unit tests: a real simulator process on the loopback interface, and a small client to control it.

``simulator`` is one process for the whole run, reset before every test; ``start_simulator`` starts one more with
options of its own (latency, TLS, another seed). Needs tests/simulator/requirements.txt, and so Python 3.11: on an older
Python, where modules run as well, the tests that want a simulator are skipped.
"""

from __future__ import annotations

import json
import shutil
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).resolve().parent.parent
START_SECONDS = 120
TOO_OLD = sys.version_info < (3, 11)


class SimulatorProcess:
    """A simulator that runs until stop(), or until this process is gone (its stdin ends then)."""

    def __init__(self, *options: str) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="komfortkasse-simulator-"))
        self._stderr = self._folder / "stderr"
        ready_file = self._folder / "ready.json"
        command = [sys.executable, "-m", "simulator", "--exit-on-stdin-eof", "--ready-file", str(ready_file), *options]
        with self._stderr.open("wb") as stderr:
            self.process = subprocess.Popen(
                command, cwd=str(TESTS), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=stderr
            )
        deadline = time.monotonic() + START_SECONDS
        while not ready_file.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                what = f"ended with exit status {self.process.poll()}, or was not ready within {START_SECONDS} seconds"
                errors = self.stderr()
                self.stop()
                raise RuntimeError(f"The simulator {what} (command: {' '.join(command)}). It says:\n{errors}")
            time.sleep(0.01)
        ready = json.loads(ready_file.read_text(encoding="utf-8"))
        self.api_url: str = ready["api_url"]
        self.control_url: str = ready["control_url"]

    def stderr(self) -> str:
        """Return what it has written to stderr so far; a simulator in good health writes nothing."""
        return self._stderr.read_text(encoding="utf-8", errors="replace")

    def stop(self) -> int:
        """End the process and return its exit status."""
        if self.process.stdin:
            self.process.stdin.close()
        try:
            return self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()
        finally:
            shutil.rmtree(str(self._folder), ignore_errors=True)


class Simulator:
    """What a test needs of a simulator: where the API is, a key for it, and the control interface."""

    def __init__(self, process: SimulatorProcess) -> None:
        self._process = process
        self.inspect: Callable[[list[dict[str, Any]]], None] = lambda log: None  # is shown a log before it is cleared
        self.api_url = process.api_url
        self.control_url = process.control_url
        self.api_key = "demo-key-0000-for-the-simulator-"  # of the bundled seed
        unverified = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # loads no list of authorities: it is for loopback only
        unverified.check_hostname = False
        unverified.verify_mode = ssl.CERT_NONE
        # No proxy from the environment can know the way to a loopback address.
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=unverified)
        )

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Call the control interface and return its JSON; an error is a RuntimeError with the simulator's words."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.control_url + path, data=data, method=method)
        try:
            with self._opener.open(request, timeout=120) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{method} {path}: {error.code} {error.read().decode()}") from error
        except OSError as error:
            raise RuntimeError(f"{method} {path}: {error}; the simulator says:\n{self._process.stderr()}") from error

    def log(self, method: str | None = None) -> list[dict[str, Any]]:
        """Return the requests so far, all or those of one HTTP method."""
        return self.control("GET", "/log" + (f"?method={method}" if method else ""))

    def clear_log(self) -> None:
        """Forget the requests so far."""
        self.inspect(self.log())
        self.control("DELETE", "/log")

    def faults(self, *plan: dict[str, Any]) -> list[dict[str, Any]]:
        """Make these faults the plan; without any, return the plan with its hits as it stands."""
        return self.control("PUT", "/faults", list(plan)) if plan else self.control("GET", "/faults")

    def orders(self, shop: str = "demo-shop") -> dict[str, dict[str, Any]]:
        """Return a shop's orders by order number, with everything that the API may hide."""
        return self.control("GET", "/orders?" + urllib.parse.urlencode({"shop": shop}))[shop]

    def order(self, number: str, shop: str = "demo-shop") -> dict[str, Any]:
        """Return one order, with everything that the API may hide."""
        return self.control("GET", self._path(shop, number))

    def patch_order(self, number: str, shop: str = "demo-shop", **fields: Any) -> dict[str, Any]:
        """Change an order as somebody else would; a field that is None goes away."""
        return self.control("PATCH", self._path(shop, number), fields)

    @staticmethod
    def _path(shop: str, number: str) -> str:
        return "/".join(["/orders", *(urllib.parse.quote(part, safe="") for part in (shop, number))])

    def settings(self, **changes: Any) -> dict[str, Any]:
        """Change settings (latency_ms, repeat_status) and return all of them."""
        return self.control("PATCH", "/settings", changes)

    def generate(self, count: int, prefix: str = "G", shop: str = "demo-shop", **fields: Any) -> list[str]:
        """Add orders, UNPAID unless ``fields`` says otherwise, and return their numbers."""
        return self.control("POST", f"/orders/{shop}", {"generate": count, "prefix": prefix, "fields": fields})[
            "numbers"
        ]

    def reset(self) -> None:
        """Go back to the beginning."""
        self.inspect(self.log())
        self.control("POST", "/reset")


def wait_until(condition: Callable[[], Any], seconds: float = 120) -> Any:
    """Wait until a condition holds, and return what it gives; fail after a time that no busy machine needs."""
    deadline = time.monotonic() + seconds
    while not (result := condition()):
        assert time.monotonic() < deadline, f"this did not come true within {seconds} s"
        time.sleep(0.01)
    return result


_SHARED: list[SimulatorProcess] = []


def pytest_collection_finish(session: pytest.Session) -> None:
    """Start the shared simulator if a test wants it.

    Not in a fixture of session scope: ``ansible-test units`` runs every test in a forked child, where such a fixture
    would be set up anew for each test. Started here, before the forks, it is the same one for all.
    """
    wanted = any("simulator" in getattr(item, "fixturenames", ()) for item in session.items)
    if wanted and not TOO_OLD and not session.config.option.collectonly:
        _SHARED.append(SimulatorProcess())


def pytest_sessionfinish() -> None:
    """Stop the shared simulator."""
    while _SHARED:
        _SHARED.pop().stop()


def _skip_if_too_old() -> None:
    if TOO_OLD:
        pytest.skip("the simulator's web framework, Starlette, needs Python 3.11; modules also run on older ones")


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """Give the shared simulator, as new: seed orders, no faults, empty log. Errors of its own fail the test."""
    _skip_if_too_old()
    if not _SHARED:  # a test that asks for this fixture only while it runs
        _SHARED.append(SimulatorProcess())
    client = Simulator(_SHARED[0])
    client.reset()
    said_before = _SHARED[0].stderr()
    yield client
    assert _SHARED[0].stderr() == said_before, "the simulator reported an error of its own"


@pytest.fixture(name="wait_until")
def _wait_until() -> Callable[..., Any]:
    """Give the function that waits until a condition holds."""
    return wait_until


@pytest.fixture
def start_simulator() -> Iterator[Callable[..., Simulator]]:
    """Return a function that starts one more simulator with command-line options of its own."""
    _skip_if_too_old()
    processes: list[SimulatorProcess] = []

    def start(*options: str) -> Simulator:
        processes.append(SimulatorProcess(*options))
        return Simulator(processes[-1])

    yield start
    for process in processes:
        process.stop()
