# Copyright (c) 2026 The community.komfortkasse contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

# This module util is PRIVATE to the collection: it may change in any release.

"""The transport: the only place that sends, waits or tries again.

Source of the facts: Komfortkasse API v2, https://apidocs.komfortkasse.eu/
"""

from __future__ import annotations

import contextlib
import datetime
import random
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

from ansible_collections.community.komfortkasse.plugins.module_utils import _answers, _errors
from ansible_collections.community.komfortkasse.plugins.module_utils._masking import Masking
from ansible_collections.community.komfortkasse.plugins.module_utils._orders import Order, path_for

try:
    import requests
    import urllib3
    from requests.adapters import HTTPAdapter

    HAS_REQUESTS = True
except ImportError:
    HAS_REQUESTS = False

T = TypeVar("T")

KEY_HEADER = "X-Komfortkasse-API-Key"
FIRST_BACKOFF = 0.5  # seconds; doubled with each further try
CHUNK = 16 * 1024  # bytes
LONGEST_LIST = 256 * 1024 * 1024  # bytes; some two hundred thousand orders


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


class Brake:
    """One wait for all workers: what the server tells one of them slows them all."""

    def __init__(self, stopping: threading.Event) -> None:
        self._stopping = stopping
        self._lock = threading.Lock()
        self._free_at = 0.0

    def hold(self, seconds: float) -> None:
        """Nobody sends for so many seconds."""
        with self._lock:
            self._free_at = max(self._free_at, time.monotonic() + seconds)

    def wait(self) -> None:
        """Wait until the brake is off, and a little longer so that not all start at the same instant."""
        while (rest := self._free_at - time.monotonic()) > 0:
            self.sleep(rest + random.uniform(0, min(1.0, 0.25 + rest / 10)))

    def sleep(self, seconds: float) -> None:
        """Sleep, or raise StoppedError as soon as the run is to stop."""
        if self._stopping.wait(seconds):
            raise _errors.StoppedError("the run was told to stop while it waited to try again")


class _Deadline:
    """The time by which the next order has to be there: a list may take long, but not for lack of a single one."""

    def __init__(self, timeout: int) -> None:
        self._timeout = timeout
        self.renew()

    def renew(self) -> None:
        """Start anew."""
        self._end = time.monotonic() + self._timeout

    def check(self) -> None:
        """Raise an error if it has passed: each piece of an answer comes in time, but there is no end of them."""
        if time.monotonic() > self._end:
            raise _errors.BrokenConnectionError(f"the API's answer was not complete within {self._timeout} s")


class _Patience:
    """How often one request, or one change with all its requests, may still be tried again."""

    def __init__(self, connection: Connection, brake: Brake) -> None:
        self._connection = connection
        self._brake = brake
        self._tries = 1

    def pause(self, error: _errors.ApiError) -> None:
        """Wait before the next try; raise the error if there is to be none."""
        longest = self._connection.retry_max_wait
        asked = error.retry_after if error.transient else None
        if asked is not None and asked > longest:
            error.add(f"the server asks for a wait of {asked:.0f} s, longer than retry_max_wait ({longest})")
            error.hint = "Run it again later, or raise retry_max_wait."
            raise error
        if not error.transient or self._tries > self._connection.retries:
            if self._tries > 1:
                error.add(f"tried {self._tries} times")
            raise error
        seconds = backoff(self._tries, longest) if asked is None else asked
        self._tries += 1
        try:
            if asked is None and not isinstance(error, _errors.RateLimitError):
                self._brake.sleep(seconds)
            else:
                self._brake.hold(seconds)
                self._brake.wait()
        except _errors.StoppedError:
            raise error from None


def backoff(tries: int, longest: float) -> float:
    """Seconds to wait after so many tries: exponential, at most ``longest``, with jitter."""
    return min(longest, FIRST_BACKOFF * 2.0 ** min(tries - 1, 16)) * random.uniform(0.5, 1.0)


class Client:
    """Talks to the API for one key. Safe to share between threads.

    What goes wrong on the way is raised as a subclass of ApiError, and as nothing else.
    """

    def __init__(self, connection: Connection, pool_size: int = 1) -> None:
        self.stopping = threading.Event()  # once it is set, nobody waits or tries again
        self._connection = connection
        self._masking = Masking(connection.api_key)
        self._brake = Brake(self.stopping)
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
        self._adapter = HTTPAdapter(pool_connections=1, pool_maxsize=pool_size)

    @property
    def requests_sent(self) -> int:
        """How many requests were sent so far, every try counted."""
        return self._sent

    def mask(self, text: str) -> str:
        """Return a text without the key."""
        return self._masking.text(text)

    def get_order(self, number: str, query: Mapping[str, str] | None = None) -> Order:
        """Read one order (getOrder)."""
        path = path_for("/order/{number}", number) + _query_string(query)
        return self._persist(lambda: self._exchange("GET", path, number))

    def read_orders(self, **query: str) -> Iterator[Order]:
        """Read many orders (readOrders), each as it arrives. An error may still come after some of them."""
        path = f"/orders{_query_string(query)}"
        response = self._persist(lambda: self._send("GET", path, {"Accept-Encoding": "gzip"}))
        deadline = _Deadline(self._connection.timeout)
        with response:
            for order in _answers.orders_in(_bounded(self._pieces(response, deadline))):
                yield self._masking.value(order)
                deadline.renew()

    def change_order(self, order: Order, path: str, target: str) -> tuple[Order, bool]:
        """Bring an order that was just read into the payment status ``target`` by POST.

        A POST that may have taken effect is never repeated blindly: the order is read first, and the POST is sent
        again only if the order is as it was before.

        Returns: the order as it is then, and whether it was this POST that did it (False: somebody was quicker).
        Raises: ApiError, with the payment status that the order was last seen in.
        """
        number, before = order["number"], order["paymentStatus"]
        patience = _Patience(self._connection, self._brake)
        unclear: _errors.ApiError | None = None  # a POST that seems to be lost may still be carried out, late
        while True:
            problem: _errors.ApiError
            try:
                answer = self._persist(lambda: self._exchange("POST", path_for(path, number), number), patience, True)
                if answer["paymentStatus"] == target:
                    return answer, True
                problem = _errors.WrongAnswerError(
                    f"the API accepted the request, but the payment status is {answer['paymentStatus']}, not {target}"
                )
            except _errors.ApiError as error:
                problem = error
            if unclear is not None and not problem.ambiguous:
                unclear.add(f"then {problem}")
                unclear.transient = False
                problem = unclear
            problem.payment_status = before
            if not problem.ambiguous and not isinstance(problem, _errors.RefusedError):
                raise problem
            if problem.ambiguous:
                unclear = problem
            now = self._read_after(problem, number)
            problem.payment_status = now["paymentStatus"]
            if now["paymentStatus"] == target:
                return now, unclear is not None
            if now["paymentStatus"] != before:
                problem.add(f"meanwhile the payment status has changed from {before} to {now['paymentStatus']}")
                raise problem
            patience.pause(problem)

    def _read_after(self, problem: _errors.ApiError, number: str) -> Order:
        """Read the order that a POST did not end well for."""
        try:
            return self.get_order(number)
        except _errors.ApiError as error:
            if problem.ambiguous:
                problem.payment_status = None
                problem.add(f"whether that took effect is unknown, for reading the order failed too: {error}")
            raise problem from None

    def _persist(self, attempt: Callable[[], T], patience: _Patience | None = None, read_first: bool = False) -> T:
        """Try until it works or there is no sense in it any more.

        With ``read_first`` only what had no effect for certain is tried again here: the caller reads first.
        """
        patience = patience or _Patience(self._connection, self._brake)
        while True:
            self._brake.wait()
            try:
                return attempt()
            except _errors.ApiError as error:
                if read_first and error.ambiguous:
                    raise
                patience.pause(error)

    def _exchange(self, method: str, path: str, number: str) -> Order:
        """One request about one order, and the order that came back."""
        with self._send(method, path) as response:
            return _answers.order_about(self._body(response), number)

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
            words = f"it redirects to {_answers.redirect_host(target)}"
        else:
            try:
                words = _answers.error_text(self._body(response))
            except _errors.ApiError:
                words = ""  # the status says enough
        problem = f"the API answered {_errors.status_text(status)}{': ' if words else ''}{words}"
        wait = seconds_to_wait(response.headers.get("Retry-After"))
        return _errors.error_for_status(status)(problem, http_status=status, retry_after=wait)

    def _body(self, response: requests.Response) -> bytes:
        """The whole body, with bounds on its size and on the time it takes, and without the key."""
        pieces = bytearray()
        for piece in self._pieces(response, _Deadline(self._connection.timeout)):
            pieces += piece
            if len(pieces) > _answers.LONGEST_ORDER:
                raise _errors.UnreadableAnswerError("the API's answer is larger than 8 MiB")
        return self._masking.body(bytes(pieces))

    def _pieces(self, response: requests.Response, deadline: _Deadline) -> Iterator[bytes]:
        """The body as it arrives. urllib3 1.26 has no read1, there a piece may take longer."""
        read = getattr(response.raw, "read1", response.raw.read)
        with self._typed_errors():
            while piece := read(CHUNK, decode_content=True):
                yield piece
                deadline.check()

    @contextlib.contextmanager
    def _typed_errors(self) -> Iterator[None]:
        try:
            yield
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            host = urlsplit(self._connection.api_url).netloc
            raise _errors.error_for_exception(error, host, self._connection.timeout) from None


def _bounded(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The pieces of a list, which may be long, but not without end."""
    rest = LONGEST_LIST
    for piece in pieces:
        rest -= len(piece)
        if rest < 0:
            raise _errors.UnreadableAnswerError(f"the API's list of orders is larger than {LONGEST_LIST >> 20} MiB")
        yield piece


def _query_string(query: Mapping[str, str] | None) -> str:
    return f"?{urlencode(query, safe=',')}" if query else ""


def seconds_to_wait(header: str | None) -> float | None:
    """What a Retry-After header (seconds or an HTTP date) asks for; None without one, or if it can't be read.

    urllib3 has such a function, but it makes six hours of everything longer.
    """
    if header is None:
        return None
    if re.fullmatch("[0-9]{1,9}", header):
        return float(header)
    try:
        when = parsedate_to_datetime(header)
    except (ValueError, TypeError):  # TypeError: Python 3.9
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=datetime.timezone.utc)
    return max(0.0, (when - datetime.datetime.now(datetime.timezone.utc)).total_seconds())
