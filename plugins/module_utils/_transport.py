# Copyright (c) 2026 The community.komfortkasse contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

# This module util is PRIVATE to the collection: it may change in any release.

"""One exchange with the API: the only place that sends. It does not wait to try again, and sends nothing twice.

Source of the facts: Komfortkasse API v2, https://apidocs.komfortkasse.eu/
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.community.komfortkasse.plugins.module_utils import _errors, _responses
from ansible_collections.community.komfortkasse.plugins.module_utils._orders import Order
from ansible_collections.community.komfortkasse.plugins.module_utils._redact import Redactor

try:
    import requests
    import urllib3

    from ansible_collections.community.komfortkasse.plugins.module_utils._deadline import DeadlineAdapter

    HAS_REQUESTS = True
except ImportError:
    HAS_REQUESTS = False

KEY_HEADER = "X-Komfortkasse-API-Key"
CHUNK = 16 * 1024  # bytes
LONGEST_LIST = 256 * 1024 * 1024  # bytes; some two hundred thousand orders, looked at one by one
LONGEST_KEPT_LIST = 64 * 1024 * 1024  # bytes; some fifty thousand orders, which take ten times that in memory


@dataclass(frozen=True)
class Connection:
    """Where the API is and how to talk to it. Times are in seconds."""

    api_key: str = field(repr=False)
    api_url: str
    validate_certs: bool = True
    ca_path: str | None = None
    timeout: int = 30
    retries: int = 4
    retry_max_wait: int = 60
    proxies_allowed: bool = True


class _KeyAuth:
    """Puts the key into its header. With an auth object of its own, a session never looks into ~/.netrc."""

    def __init__(self, api_key: str) -> None:
        self._api_key = api_key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers[KEY_HEADER] = self._api_key
        return request


class Transport:
    """The connection to the API for one key. Safe to share between threads.

    What goes wrong on the way is raised as a subclass of ApiError, and as nothing else.
    """

    def __init__(self, connection: Connection, pool_size: int = 1) -> None:
        self._connection = connection
        self._redact = Redactor(connection.api_key)
        self._lock = threading.Lock()
        self._sent = 0
        session = requests.Session()
        session.auth = _KeyAuth(connection.api_key)
        session.headers.update({"Accept": "application/json", "Accept-Encoding": "identity"})
        session.headers["User-Agent"] = "ansible-collection-community.komfortkasse"
        self._templates = {
            method: session.prepare_request(requests.Request(method, connection.api_url)) for method in ("GET", "POST")
        }
        verify = connection.validate_certs and (connection.ca_path or True)
        environment = session.merge_environment_settings(connection.api_url, {}, True, verify, None)
        self._settings: dict[str, Any] = dict(environment)
        if not connection.proxies_allowed:
            self._settings["proxies"] = {}
        if not connection.validate_certs:
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        # The adapter is called directly: unlike the session it neither follows redirects nor keeps cookies.
        self._adapter = DeadlineAdapter(connection.timeout, pool_connections=1, pool_maxsize=pool_size)

    @property
    def requests_sent(self) -> int:
        """How many requests were sent so far."""
        return self._sent

    def mask(self, text: str) -> str:
        """Return a text without the key."""
        return self._redact.text(text)

    def order(self, method: str, path: str, number: str) -> Order:
        """One request about one order, and the order that came back."""
        with self._send(method, path) as response:
            order: Order = self._redact.value(_responses.order_about(self._body(response), number))
            return order

    def orders(self, path: str, longest: int) -> Iterator[Order]:
        """One request for many orders, so many bytes at most, each as it arrives. An error may come after some."""
        with self._send("GET", path, {"Accept-Encoding": "gzip"}) as response:
            for order in _responses.orders_in(bounded(self._pieces(response), longest)):
                yield self._redact.value(order)
                self._adapter.deadline.renew()  # a list may take long, but not for lack of a single order

    def _send(self, method: str, path: str, headers: dict[str, str] | None = None) -> requests.Response:
        """One request. Return a 2xx answer with its body unread, raise anything else as what it is."""
        request = self._templates[method].copy()
        request.headers.update(headers or {})
        request.url = f"{(request.url or '').rstrip('/')}{path}"
        with self._lock:
            self._sent += 1
        with self._typed_errors():
            response = self._adapter.send(request, timeout=self._connection.timeout, **self._settings)
        if 200 <= response.status_code < 300:
            return response
        with response:
            raise self._status_error(response)

    def _status_error(self, response: requests.Response) -> _errors.ApiError:
        status = response.status_code
        if 300 <= status < 400:
            target = self.mask(response.headers.get("Location", ""))
            words = f"it redirects to {_responses.redirect_host(target)}"
        else:
            try:
                words = self.mask(_responses.error_text(self._body(response)))
            except _errors.ApiError:
                words = ""  # the status says enough
        problem = f"the API answered {_errors.status_text(status)}{': ' if words else ''}{words}"
        wait = _responses.seconds_to_wait(response.headers.get("Retry-After"))
        return _errors.error_for_status(status)(problem, http_status=status, retry_after=wait)

    def _body(self, response: requests.Response) -> bytes:
        """The whole body, with bounds on its size and on the time it takes."""
        pieces = bytearray()
        for piece in self._pieces(response):
            pieces += piece
            if len(pieces) > _responses.LONGEST_ORDER:
                raise _errors.TooLargeAnswerError("the API's answer is larger than 8 MiB")
        return bytes(pieces)

    def _pieces(self, response: requests.Response) -> Iterator[bytes]:
        """The body as it arrives, unpacked: a little at a time, which gzip keeps small and others do not."""
        encoding = response.headers.get("Content-Encoding", "").strip().lower()
        if encoding not in ("", "identity", "gzip"):
            told = _responses.excerpt(self.mask(encoding))
            raise _errors.UnreadableAnswerError(f"the API's answer is packed in a way that was not asked for: {told}")
        self._adapter.deadline.renew()
        with self._typed_errors():
            try:
                yield from pieces_of(response.raw)
            except urllib3.exceptions.ReadTimeoutError:
                seconds = self._connection.timeout
                raise _errors.BrokenConnectionError(f"the API's answer was not complete within {seconds} s") from None

    @contextlib.contextmanager
    def _typed_errors(self) -> Iterator[None]:
        try:
            yield
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            host = urlsplit(self._connection.api_url).netloc
            raise _errors.error_for_exception(error, host, self._connection.timeout) from None


def bounded(pieces: Iterator[bytes], longest: int) -> Iterator[bytes]:
    """The pieces of a list, which may be so many bytes in all; else TooLongListError."""
    rest = longest
    for piece in pieces:
        rest -= len(piece)
        if rest < 0:
            raise _errors.TooLongListError(f"the API's list of orders is larger than {longest >> 20} MiB")
        yield piece


def pieces_of(raw: urllib3.HTTPResponse) -> Iterator[bytes]:
    """What has arrived of a body, again and again. Older urllib3, which has no read1, waits for a piece to be full."""
    if hasattr(raw, "read1"):
        yield from iter(lambda: raw.read1(CHUNK, decode_content=True), b"")
        return
    yield from raw.stream(CHUNK, decode_content=True)
    if raw.length_remaining:  # urllib3 2 looks to that by itself
        raise urllib3.exceptions.IncompleteRead(raw.tell(), raw.length_remaining)
