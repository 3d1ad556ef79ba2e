# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A client for the simulator's own tests, as plain as can be: nothing is followed, retried, unpacked or normalised."""

from __future__ import annotations

import http.client
import json
import socket
import urllib.parse
from typing import Any

import pytest


class Reply:
    """An answer: status, and body (bytes)."""

    def __init__(self, answer: http.client.HTTPResponse) -> None:
        self.status = answer.status
        self.body = answer.read()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Api:
    """Sends requests to a simulator; the path goes out just as it is given."""

    def __init__(self, simulator: Any) -> None:
        self.simulator = simulator
        url = urllib.parse.urlsplit(simulator.api_url)
        self.host, self.port, self.base = url.hostname, url.port, url.path

    def __call__(self, method: str, path: str, body: bytes | None = None, key: str | None = "") -> Reply:
        """Send one request. key: '' = the first shop's, None = no header."""
        key = self.simulator.api_key if key == "" else key
        headers = {} if key is None else {"X-Komfortkasse-API-Key": key}
        connection = http.client.HTTPConnection(self.host, self.port, timeout=60)
        try:
            connection.request(method, self.base + path, body=body, headers=headers)
            return Reply(connection.getresponse())
        finally:
            connection.close()

    def raw(self, request: str) -> socket.socket:
        """Send a request on a connection of its own, and return the connection."""
        connection = socket.create_connection((self.host, self.port), timeout=60)
        connection.sendall(request.encode())
        return connection

    def get(self, number: str) -> Reply:
        """Read an order by number."""
        return self("GET", f"/order/{urllib.parse.quote(number, safe='')}")

    def cancel(self, number: str) -> Reply:
        """Cancel an order by number."""
        return self("POST", f"/order/{urllib.parse.quote(number, safe='')}/cancel")

    def numbers(self, query: str = "") -> list[str]:
        """Read the list of orders and return their numbers."""
        return [order["number"] for order in self("GET", f"/orders?{query}").json]


@pytest.fixture
def api(simulator: Any) -> Api:
    """Give a client of the shared simulator."""
    return Api(simulator)
