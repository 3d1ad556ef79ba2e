# Copyright (c) 2026 The community.komfortkasse contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

# This module util is PRIVATE to the collection: it may change in any release.

"""What can go wrong between this collection and the API, as types.

Two facts decide what may follow an error, and each type states them:

- ``transient``: the same request may well succeed in a moment;
- ``ambiguous``: the request may have taken effect although no proper answer came back.
"""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus

from ansible_collections.community.komfortkasse.plugins.module_utils._orders import Order

LONG_WAIT_HINT = "Run it again later, or raise retry_max_wait."


class ApiError(Exception):
    """A request did not end in the answer it should have.

    ``str(error)`` is a clause without a full stop ("the API answered 404 Not Found: ..."),
    ``hint`` a sentence that says what a person can do about it.
    ``service`` tells that the service as a whole is in trouble, not this one order.
    """

    transient = False
    ambiguous = False
    service = True
    key_refused = False  # nothing more will work with this key
    hint = "Nothing is lost. Once the cause is gone, run it again: orders that are done are left alone."

    def __init__(self, problem: str, *, http_status: int | None = None, retry_after: float | None = None) -> None:
        super().__init__(problem)
        self.http_status = http_status
        self.retry_after = retry_after  # seconds the server asked us to wait
        self.order: Order | None = None  # that was to be changed, as last read; None if it may have changed since

    def add(self, more: str) -> None:
        """Say more about what went wrong."""
        self.args = (f"{self} ({more})",)

    def followed_by(self, later: ApiError) -> ApiError:
        """This error of a request that may have taken effect, with what came of sending it again: there it ends."""
        self.add(f"then {later}")
        self.transient = False
        if later.key_refused:
            self.key_refused, self.hint = True, later.hint
        return self


class RefusedError(ApiError):
    """The API understood the request and said no (400, or an undocumented 4xx)."""

    service = False
    hint = "The API will refuse it again: check the order in Komfortkasse's merchant area."


class KeyRefusedError(ApiError):
    """401 or 403: this key opens nothing."""

    key_refused = True
    hint = "Check api_key: use the key of this shop, from Settings, Shop, API access settings."


class NotFoundError(ApiError):
    """404: the shop that the key belongs to has no such order."""

    service = False
    hint = (
        "Check the number, and that the key belongs to the shop that the order is from,"
        " or set missing_order=skip if it may be absent."
    )


class RateLimitError(ApiError):
    """429: too many requests; the request was not worked on."""

    transient = True
    hint = "The service limits the rate of requests: run it again later, or lower the concurrency."


class UnavailableError(ApiError):
    """503: the service does not work on requests for now.

    If it says when to come again it means what it says; without that, it may be a gateway that lost sight of a request
    which is being worked on.
    """

    transient = True

    def __init__(self, problem: str, *, http_status: int | None = None, retry_after: float | None = None) -> None:
        super().__init__(problem, http_status=http_status, retry_after=retry_after)
        self.ambiguous = retry_after is None


class ServerError(ApiError):
    """Any other 5xx, or 408: whether the request took effect is unknown."""

    transient = True
    ambiguous = True


class NotConnectedError(ApiError):
    """No connection came about, so the request was never sent."""

    transient = True
    hint = "Check api_url, the network and the proxy settings, then run it again."


class BrokenConnectionError(ApiError):
    """The connection broke, or no answer came in time, after the request may have arrived."""

    transient = True
    ambiguous = True


class CertificateError(ApiError):
    """TLS could not be set up; nothing was sent."""

    hint = "Check api_url; for a private certificate authority give its certificate in ca_path."


class RedirectError(ApiError):
    """A 3xx. It is never followed: the key must not travel to another address."""

    ambiguous = True
    hint = "Redirects are not followed, because the API key must not travel: set api_url to the API's real address."


class UnreadableAnswerError(ApiError):
    """The answer is not the JSON it should be, or was cut off."""

    transient = True
    ambiguous = True
    hint = "Something between here and the API may be answering in its place (a proxy, a maintenance page)."


class TooLargeAnswerError(UnreadableAnswerError):
    """The answer is larger than any that the API has to give."""

    transient = False


class TooLongListError(TooLargeAnswerError):
    """There are more orders in a list than may be."""

    hint = "Ask for fewer orders at a time, by max_age, payment_statuses or min_posting_date."


class WrongAnswerError(ApiError):
    """The answer is well-formed, but about another order or with another payment status than it should be."""

    ambiguous = True
    service = False
    hint = "Look at the order in Komfortkasse's merchant area before you run this again."


class StoppedError(ApiError):
    """The run was told to stop before this request was sent."""

    service = False
    hint = "Run it again to go on."


def describe_bug(error: Exception) -> str:
    """A clause about an exception that nobody foresaw: it is ours."""
    return f"ran into an unexpected error, please report it: {type(error).__name__}: {error}"


HINTS = frozenset(
    {LONG_WAIT_HINT, *(kind.hint for kind in vars().values() if isinstance(kind, type) and issubclass(kind, ApiError))}
)
"""All that a person can be told to do about an error."""


def error_for_status(status: int) -> type[ApiError]:
    """The type of error that an HTTP status (not 2xx) stands for."""
    if 300 <= status < 400:
        return RedirectError
    known: dict[int, type[ApiError]] = {
        401: KeyRefusedError,
        403: KeyRefusedError,
        404: NotFoundError,
        408: ServerError,
        429: RateLimitError,
        503: UnavailableError,
    }
    return known.get(status, RefusedError if 400 <= status < 500 else ServerError)


def status_text(status: int) -> str:
    """``503 Service Unavailable``; only the number for a status that HTTP does not name."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def error_for_exception(error: Exception, host: str, timeout: int) -> ApiError:
    """What an exception of requests or urllib3 means: was anything sent, and what can a person be told?"""
    chain = list(_causes(error))
    reason = next(filter(None, map(_reason, reversed(chain))), "no cause is known")
    # urllib3 1.26 compares names by itself and has a class of its own for it.
    untrusted = next((c for c in chain if type(c).__name__ in ("SSLCertVerificationError", "CertificateError")), None)
    if untrusted:
        verdict = getattr(untrusted, "verify_message", None) or f"Hostname mismatch, {untrusted}"
        return CertificateError(f"the TLS certificate of {host} is not trusted: {verdict}")
    if error.__class__ is OSError:  # raised by requests itself, before it connects
        return CertificateError(f"TLS could not be set up: {error}")
    # Raised by what reads certificates from a file, not by what talks to the other side.
    unreadable = next((c for c in chain if getattr(c, "library", None) in ("X509", "PEM", "ASN1")), None)
    if unreadable:
        why = str(getattr(unreadable, "reason", "")).replace("_", " ").lower()
        return CertificateError(f"TLS could not be set up: the file with the certificates to trust is not good: {why}")
    names = {type(cause).__name__ for cause in chain}
    if "ConnectTimeoutError" in names or "ConnectTimeout" in names:
        return NotConnectedError(f"{host} did not accept the connection within {timeout} s")
    # A ProxyError alone may also stand for a connection that broke after the request was sent.
    refused = any(isinstance(c, ConnectionRefusedError) or str(c).startswith("Tunnel connection failed") for c in chain)
    if refused or names & {"NewConnectionError", "NameResolutionError"}:
        through = "through the proxy " if "ProxyError" in names else ""
        return NotConnectedError(f"no connection {through}to {host}: {reason}")
    if names & {"ReadTimeoutError", "ReadTimeout"}:
        return BrokenConnectionError(f"{host} did not answer within {timeout} s")
    return BrokenConnectionError(f"the connection to {host} broke before the answer was complete: {reason}")


_REASONS = {
    "IncompleteRead": "it ended too early",
    "RemoteDisconnected": "the other side hung up",
    "DecodeError": "it cannot be unpacked",
    "BadStatusLine": "it is not HTTP",
    "LineTooLong": "its header is too long",
    "InvalidChunkLength": "it is not HTTP",
}


def _reason(cause: BaseException) -> str:
    """What one of the causes tells a person, '' if nothing: never the name of a Python class."""
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror
    text = str(cause)
    return text if text.startswith("Tunnel connection failed") else _REASONS.get(type(cause).__name__, "")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An exception and all that it was made of: requests and urllib3 wrap the cause in several layers."""
    seen: list[BaseException] = []
    rest: list[BaseException] = [error]
    while rest:
        current = rest.pop(0)
        if current not in seen:
            seen.append(current)
            candidates = [current.__cause__, current.__context__, getattr(current, "reason", None), *current.args]
            rest += [candidate for candidate in candidates if isinstance(candidate, BaseException)]
    return iter(seen)
