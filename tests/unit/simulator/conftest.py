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
    """An answer: status, headers (lower-case names), body (bytes)."""

    def __init__(self, answer: http.client.HTTPResponse) -> None:
        self.status = answer.status
        self.headers = {name.lower(): value for name, value in answer.getheaders()}
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

    def __call__(
        self, method: str, path: str, body: Any = None, key: str | None = "", timeout: float = 60, whole: bool = False
    ) -> Reply:
        """Send one request. key: '' = the first shop's, None = no header; whole: the path is not below the API's."""
        key = self.simulator.api_key if key == "" else key
        headers = {} if key is None else {"X-Komfortkasse-API-Key": key}
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        connection = http.client.HTTPConnection(self.host, self.port, timeout=timeout)
        try:
            connection.request(method, path if whole else self.base + path, body=data, headers=headers)
            return Reply(connection.getresponse())
        finally:
            connection.close()

    def raw(self, request: bytes, timeout: float = 60) -> bytes:
        """Send bytes on a connection of their own and return everything up to its end."""
        with socket.create_connection((self.host, self.port), timeout=timeout) as connection:
            connection.sendall(request)
            received = b""
            while True:
                piece = connection.recv(65536)
                if not piece:
                    return received
                received += piece

    def get(self, number: str, query: str = "") -> Reply:
        """Read an order by number."""
        return self("GET", f"/order/{segment(number)}" + (f"?{query}" if query else ""))

    def cancel(self, number: str) -> Reply:
        """Cancel an order by number."""
        return self("POST", f"/order/{segment(number)}/cancel")

    def numbers(self, query: str = "") -> list[str]:
        """Read the list of orders and return their numbers."""
        reply = self("GET", "/orders" + (f"?{query}" if query else ""))
        assert reply.status == 200, reply.body
        return [order["number"] for order in reply.json]


def segment(number: str) -> str:
    """Encode an order number as one path segment."""
    return urllib.parse.quote(number, safe="")


@pytest.fixture
def api(simulator: Any) -> Api:
    """Give a client of the shared simulator."""
    return Api(simulator)


@pytest.fixture
def api_of() -> type[Api]:
    """Give the client's class, for simulators with options of their own."""
    return Api
