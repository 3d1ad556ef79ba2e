# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The process: command line, ready file, many connections at once, TLS, and its end."""

from __future__ import annotations

import concurrent.futures
import contextlib
import http.client
import json
import signal
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path

import pytest
import trustme

TESTS = Path(__file__).resolve().parents[2]


def run(*options):
    """Run the simulator to its end, which has to come by itself."""
    command = [sys.executable, "-m", "simulator", *options]
    return subprocess.run(command, cwd=TESTS, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def started(tmp_path):
    """Start a simulator that can be watched: gives the process and what its ready file says."""
    ready_file = tmp_path / "ready.json"
    ready_file.write_text("left over from another one", encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "-m", "simulator", "--ready-file", str(ready_file), "--exit-on-stdin-eof"],
        cwd=TESTS,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    line = process.stdout.readline()
    yield process, line, json.loads(ready_file.read_text(encoding="utf-8"))
    process.kill()
    process.communicate()


def test_says_when_it_is_ready(started):
    process, line, ready = started
    assert line == f"Komfortkasse simulator: {ready['api_url']}\n"
    assert ready["api_url"].startswith("http://127.0.0.1:")
    assert ready["api_url"].endswith("/api/v2")
    assert ready["control_url"] == ready["api_url"].replace("/api/v2", "/_control")
    assert ready["pid"] == process.pid


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT, "eof"])
def test_ends_at_once_and_quietly(started, wait_until, end):
    process, _line, ready = started
    # An answer that never ends, one that waits, and an idle connection must not hold it up.
    port = int(ready["api_url"].split(":")[2].split("/")[0])
    plan = [{"kind": "endless"}, {"kind": "delay", "delay": 600}]
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("PUT", "/_control/faults", json.dumps(plan))
    connection.getresponse().read()

    def requests():
        connection.request("GET", "/_control/log")
        return json.load(connection.getresponse())

    sockets = []
    for index in range(2):
        sockets.append(socket.create_connection(("127.0.0.1", port)))
        sockets[-1].sendall(b"GET /api/v2/orders HTTP/1.1\r\nHost: x\r\n\r\n")
        wait_until(lambda sent=index + 1: len(requests()) == sent)
    assert sockets[0].recv(100)
    if end == "eof":
        process.stdin.close()
        process.stdin = None
    else:
        process.send_signal(end)
    out, err = process.communicate(timeout=120)
    assert (process.returncode, out, err) == (0, "", "")
    with contextlib.suppress(ConnectionError):
        assert sockets[1].recv(100) == b""  # cut, not answered with an invented error
    connection.close()
    for each in sockets:
        each.close()


REFUSED_OPTIONS = [
    (["--port", "99999"], "Cannot listen"),
    (["--certfile", "x"], "go together"),
    (["--seed", "nowhere.yml"], "Cannot read the seed file"),
    (["--generate", "-1"], "invalid"),
]
REFUSED_SEEDS = [
    ("- a", "mapping 'shops'"),
    ("shops: {a: {api_key: k}, b: {api_key: k}}", "a key belongs to one shop"),
    ("shops: {a: {api_key: k, orders: [{number: 0123}]}}", "quotation marks"),
]


def test_refuses_what_cannot_be(tmp_path):
    cases = list(REFUSED_OPTIONS)
    for index, (seed, error) in enumerate(REFUSED_SEEDS):
        path = tmp_path / f"{index}.yml"
        path.write_text(seed, encoding="utf-8")
        cases.append((["--seed", str(path)], error))
    for options, error in cases:
        ended = run(*options)
        assert (ended.returncode, ended.stdout) == (2, ""), options
        assert error in ended.stderr, options
        assert "Traceback" not in ended.stderr, options


def test_seed_and_generate(start_simulator, api_of, tmp_path):
    path = tmp_path / "seed.yml"
    path.write_text('shops: {mine: {api_key: k, orders: [{number: "1", date: 01-11-2026}]}}', encoding="utf-8")
    simulator = start_simulator("--seed", str(path), "--generate", "3", "--latency-ms", "20")
    assert list(simulator.orders("mine")) == ["1", "G000001", "G000002", "G000003"]
    assert api_of(simulator)("GET", "/order/1", key="k").json["date"] == "01-11-2026"
    simulator.settings(latency_ms=0)
    simulator.reset()
    assert simulator.settings()["latency_ms"] == 20
    assert len(simulator.orders("mine")) == 4


def test_many_shops(start_simulator, api_of):
    simulator = start_simulator("--shops", "40", "--generate", "2")
    api = api_of(simulator)
    key = "demo-key-shop-040-for-the-simulator-"
    assert [order["number"] for order in api("GET", "/orders", key=key).json] == ["G000001", "G000002"]
    assert api("POST", "/order/G000001/cancel", key=key).status == 200
    shops = simulator.control("GET", "/orders")
    cancelled = [name for name in shops if shops[name].get("G000001", {}).get("paymentStatus") == "CANCELLED"]
    assert cancelled == ["shop-040"]


def test_latency_holds_up_each_request_and_no_other(api, simulator, wait_until):
    simulator.settings(latency_ms=600_000)
    with socket.create_connection((api.host, api.port)) as waiting:
        waiting.sendall(f"GET {api.base}/orders HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        wait_until(simulator.log)
        simulator.settings(latency_ms=50)
        began = time.monotonic()
        assert api.get("2026-0815").status == 200
        assert time.monotonic() - began >= 0.05
        assert [entry["status"] for entry in simulator.log()] == [None, 200]


def test_64_connections_that_stay_open(api, simulator):
    numbers = simulator.generate(640)

    def work(mine):
        connection = http.client.HTTPConnection(api.host, api.port, timeout=60)
        statuses = []
        for number in mine:
            connection.request(
                "POST", f"{api.base}/order/{number}/cancel", headers={"X-Komfortkasse-API-Key": simulator.api_key}
            )
            answer = connection.getresponse()
            statuses.append((answer.status, json.loads(answer.read())["number"]))
        connection.close()
        return statuses

    with concurrent.futures.ThreadPoolExecutor(64) as pool:
        results = list(pool.map(work, [numbers[start::64] for start in range(64)]))
    assert sorted(pair for statuses in results for pair in statuses) == [(200, number) for number in numbers]
    entries = simulator.log("POST")
    assert sorted(entry["order_number"] for entry in entries) == numbers
    assert [entry["n"] for entry in entries] == list(range(1, 641))


def test_tls(start_simulator, tmp_path):
    cert, key = str(tmp_path / "cert.pem"), str(tmp_path / "key.pem")
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    issued.cert_chain_pems[0].write_to_path(cert)
    issued.private_key_pem.write_to_path(key)
    simulator = start_simulator("--certfile", cert, "--keyfile", key)
    assert simulator.api_url.startswith("https://127.0.0.1:")
    port = int(simulator.api_url.split(":")[2].split("/")[0])
    context = ssl.create_default_context()
    authority.configure_trust(context)

    def get():
        connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=60, context=context)
        try:
            connection.request("GET", "/api/v2/orders", headers={"X-Komfortkasse-API-Key": simulator.api_key})
            return len(json.loads(connection.getresponse().read()))
        finally:
            connection.close()

    assert get() == 23
    simulator.faults({"kind": "reset"}, {"kind": "truncated"})
    with pytest.raises(ConnectionResetError):  # Python's ssl takes a TCP reset for an orderly end, http.client does not
        get()
    with pytest.raises(http.client.IncompleteRead):
        get()
    assert get() == 23
