# Copyright (c) 2026 The community.komfortkasse contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

# This module util is PRIVATE to the collection: it may change in any release.

"""One exchange with the API: the only place that sends. It never waits for another try and sends nothing twice.

Source of the facts: Komfortkasse API v2, https://apidocs.komfortkasse.eu/
"""

from __future__ import annotations

import contextlib
import copy
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.community.komfortkasse.plugins.module_utils import _errors, _responses
from ansible_collections.community.komfortkasse.plugins.module_utils._foreign_errors import Route, error_for
from ansible_collections.community.komfortkasse.plugins.module_utils._orders import Order
from ansible_collections.community.komfortkasse.plugins.module_utils._redact import Redactor, excerpt

try:
    import requests
    import urllib3

    from ansible_collections.community.komfortkasse.plugins.module_utils._deadline import DeadlineAdapter

    HAS_REQUESTS = True
except ImportError:
    HAS_REQUESTS = False

KEY_HEADER = "X-Komfortkasse-API-Key"
CHUNK = 16 * 1024  # bytes
MIB = 1024 * 1024  # bytes
LONGEST_ORDER = MIB  # a real order has about a kilobyte


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


@dataclass(frozen=True)
class ListLimits:
    """How large a list of orders may be, decompressed, and how long it may take in all.

    ``seconds`` is asked again as the list arrives. What it says first is how long the server may be silent.
    """

    mib: float
    seconds: Callable[[], float]

    def check_size(self, size: int) -> None:
        """Raise TooLongListError if this many bytes are too many."""
        if size > self.mib * MIB:
            raise _errors.TooLongListError(f"the API's list of orders is larger than {self.mib:g} MiB")

    def check_time(self, began: float) -> None:
        """Raise TooLongListError if the request began too long ago, by the monotonic clock."""
        seconds = self.seconds()
        if time.monotonic() - began > seconds:
            raise _errors.TooLongListError(f"the API's list of orders was not complete within {seconds:g} s")


class _KeyAuth:
    """Puts the key into its header. With an auth object of its own, a session never looks into ~/.netrc."""

    def __init__(self, api_key: str) -> None:
        self._api_key = api_key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers[KEY_HEADER] = self._api_key
        return request


class Transport:
    """The connection to the API for one key. Safe to share between threads.

    Whatever fails is raised as a subclass of ApiError.
    """

    def __init__(self, connection: Connection, pool_size: int, stopping: threading.Event) -> None:
        self.redactor = Redactor(connection.api_key)
        self._connection = connection
        self._stopping = stopping  # ends the reading of a list
        self._lock = threading.Lock()
        self.requests_sent = 0
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
        proxy = proxy_variable(connection.api_url, self._settings["proxies"])
        self._route = Route(urlsplit(connection.api_url).netloc, connection.timeout, proxy)
        # An adapter is called directly: unlike a session it neither follows redirects nor keeps cookies.
        self._adapter = DeadlineAdapter(connection.timeout, pool_connections=1, pool_maxsize=pool_size)

    def order(self, method: str, path: str, number: str, fresh_connection: bool = False) -> Order:
        """Send one request about one order, and return the order that came back."""
        adapter = DeadlineAdapter(self._connection.timeout) if fresh_connection else self._adapter
        try:
            with self._send(adapter, method, path) as response:
                body = self._body(adapter, response)
            return _responses.order_about(body, number, self.redactor)
        except (_errors.UnreadableAnswerError, _errors.WrongAnswerError):
            adapter.hang_up()  # more that is not for us may follow on this connection
            raise
        finally:
            if fresh_connection:
                adapter.close()

    def orders(self, path: str, pick: _responses.Pick | None, limits: ListLimits) -> list[Order]:
        """Send one request for many orders. Return them, or what ``pick`` makes of each (None drops it)."""
        began, deadline = time.monotonic(), self._adapter.deadline

        def go_on() -> None:
            """Allow a list to take longer than one answer, within its limits."""
            if self._stopping.is_set():
                raise _errors.StoppedError("the run was told to stop while a list of orders was read")
            limits.check_time(began)
            deadline.renew()

        def pieces(response: requests.Response) -> Iterator[bytes]:
            limits.check_size(int(response.raw.length_remaining or 0))
            size = 0
            for piece in self._pieces(self._adapter, response):
                size += len(piece)
                limits.check_size(size)
                yield piece

        with (
            deadline.at_most(limits.seconds()),
            self._send(self._adapter, "GET", path, {"Accept-Encoding": "gzip"}) as response,
            deadline.watched_by(go_on),
        ):
            return _responses.orders_in(pieces(response), pick, self.redactor)

    def _send(
        self, adapter: DeadlineAdapter, method: str, path: str, headers: Mapping[str, str] | None = None
    ) -> requests.Response:
        """Send one request. Return a 2xx answer with its body unread. Raise any other as an ApiError."""
        request = copy.copy(self._templates[method])  # faster than its own copy(), which copies the headers too
        if headers:
            request.headers = request.headers.copy()
            request.headers.update(headers)
        request.url = f"{(request.url or '').rstrip('/')}{path}"
        with self._lock:
            self.requests_sent += 1
        with self._typed_errors():
            response = adapter.send(request, timeout=adapter.deadline.timeout, **self._settings)
        if 200 <= response.status_code < 300:
            return response
        with response:
            raise self._status_error(adapter, response)

    def _status_error(self, adapter: DeadlineAdapter, response: requests.Response) -> _errors.ApiError:
        status = response.status_code
        if 300 <= status < 400:
            target = _responses.redirect_host(self.redactor.text(response.headers.get("Location", "")))
            words = f"it redirects to {target}"
        else:
            try:
                words = _responses.error_text(self._body(adapter, response), self.redactor)
            except _errors.ApiError:
                words = ""  # the status says enough
        problem = _errors.describe_status(status, words)
        wait = _responses.seconds_to_wait(response.headers.get("Retry-After"))
        return _errors.error_for_status(status)(problem, http_status=status, retry_after=wait)

    def _body(self, adapter: DeadlineAdapter, response: requests.Response) -> bytearray:
        """Read the whole body, with bounds on its size and on the time it takes."""
        body = bytearray()
        for piece in self._pieces(adapter, response):
            body += piece
            if len(body) > LONGEST_ORDER:
                raise _errors.TooLargeAnswerError(f"the API's answer is larger than {LONGEST_ORDER // MIB} MiB")
        return body

    def _pieces(self, adapter: DeadlineAdapter, response: requests.Response) -> Iterator[bytes]:
        """Yield the body as it arrives. Only gzip is accepted: urllib3 decompresses it in pieces of bounded size."""
        encoding = response.headers.get("Content-Encoding", "").strip().lower()
        if encoding not in ("", "identity", "gzip", "x-gzip"):
            shown = excerpt(self.redactor.text(encoding))
            raise _errors.UnreadableAnswerError(
                f"the API's answer is compressed in a way that was not asked for: {shown}"
            )
        if encoding == "x-gzip":  # the old name, which urllib3 1.26 does not know
            response.raw.headers["Content-Encoding"] = "gzip"
        adapter.deadline.renew()
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
        except _errors.ApiError:
            raise
        except Exception as error:  # no header and no body may end the run, whatever a library raises
            raise error_for(error, self._route) from None


def proxy_variable(url: str, proxies: Mapping[str, str]) -> str | None:
    """The environment variable that sends this URL through a proxy; None without a proxy."""
    proxy = requests.utils.select_proxy(url, dict(proxies))
    if not proxy:
        return None
    names = (f"{urlsplit(url).scheme}_proxy".lower(), "all_proxy")
    spelled = (spelling for name in names for spelling in (name, name.upper()))
    return next((name for name in spelled if os.environ.get(name) == proxy), "the environment")


def pieces_of(raw: urllib3.HTTPResponse) -> Iterator[bytes]:
    """Yield a body, each piece as soon as it arrives. Older urllib3, without read1, waits until a piece is full."""
    if hasattr(raw, "read1"):
        yield from iter(lambda: raw.read1(CHUNK, decode_content=True), b"")
        return
    yield from raw.stream(CHUNK, decode_content=True)
    if raw.length_remaining:  # urllib3 2 checks that itself
        raise urllib3.exceptions.IncompleteRead(raw.tell(), raw.length_remaining)
