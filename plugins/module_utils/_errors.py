# Copyright (c) 2026 The community.komfortkasse contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

# This module util is PRIVATE to the collection: it may change in any release.

"""What can go wrong between this collection and the API, as types.

Two facts decide what may follow an error, and each type states them:

- ``transient``: the same request may succeed in a moment;
- ``ambiguous``: the request may have taken effect although no proper answer came back.
"""

from __future__ import annotations

import copy
from http import HTTPStatus
from typing import TypeVar

from ansible_collections.community.komfortkasse.plugins.module_utils._redact import excerpt

E = TypeVar("E", bound="ApiError")


class ApiError(Exception):
    """A request did not get the answer that it asked for.

    ``str(error)`` is a clause without a full stop ("the API answered 404: ..."), ``hint`` a sentence that
    says what to do. An error does not change once it is raised: its methods return new ones.
    """

    transient = False
    ambiguous = False
    service = True  # the service as a whole is in trouble, not only this one order
    key_refused = False  # no other request will succeed with this key
    hint = "Nothing is lost. Once the cause is gone, run it again: orders that are done are left alone."

    def __init__(self, problem: str, *, http_status: int | None = None, retry_after: float | None = None) -> None:
        super().__init__(problem)
        self.http_status = http_status
        self.retry_after = retry_after  # seconds that the server asked us to wait

    def with_note(self: E, note: str) -> E:
        """Return this error with more about what went wrong."""
        error = copy.copy(self)
        error.args = (f"{self} ({note})",)
        return error

    def with_hint(self: E, hint: str) -> E:
        """Return this error with other advice."""
        error = copy.copy(self)
        error.hint = hint
        return error

    def with_key_of(self: E, later: ApiError) -> E:
        """Return this error, with ``key_refused`` and the advice of a later one if that says so."""
        if not later.key_refused:
            return self
        error = self.with_hint(later.hint)
        error.key_refused = True
        return error

    def followed_by(self: E, later: ApiError) -> E:
        """Return this error of a POST that may have taken effect, with the final error of sending it again."""
        error = self.with_note(f"then {later}").with_key_of(later)
        error.transient = False
        return error


class RefusedError(ApiError):
    """The API understood the request and said no (400, or an undocumented 4xx)."""

    service = False
    hint = "The API will refuse it again: check the order in Komfortkasse's merchant area."


class KeyRefusedError(ApiError):
    """401 or 403: the key is refused."""

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
    """429: too many requests; this one was not handled."""

    transient = True
    hint = "The service limits the rate of requests: run it again later, or lower the concurrency."


class UnavailableError(ApiError):
    """503: the service does not handle requests at the moment.

    With Retry-After, this request was not handled. Without it, a gateway may have answered while the request is still
    being handled.
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
    """No connection was made, so the request was never sent."""

    transient = True
    hint = "Check api_url, the network and the proxy settings, then run it again."


class BrokenConnectionError(ApiError):
    """The connection broke, or no answer came in time, after the request may have arrived."""

    transient = True
    ambiguous = True


class SettingsError(ApiError):
    """A setting on this machine cannot work, such as a malformed proxy; nothing was sent."""

    hint = "Correct this setting (HTTPS_PROXY, ALL_PROXY, NO_PROXY, api_url) where the module runs, then run it again."


class CertificateError(ApiError):
    """TLS could not be set up; nothing was sent."""

    hint = "Check api_url; for a private certificate authority give its certificate in ca_path."


class RedirectError(ApiError):
    """A 3xx. It is never followed: the key must not travel to another address."""

    ambiguous = True
    hint = "Redirects are not followed, because the API key must not travel: set api_url to the API's real address."


class UnreadableAnswerError(ApiError):
    """The answer is not JSON as expected, or was cut off."""

    transient = True
    ambiguous = True
    hint = "Something between here and the API may be answering in its place (a proxy, a maintenance page)."


class TooLargeAnswerError(UnreadableAnswerError):
    """The answer is larger than any real answer of the API."""

    transient = False


class TooLongListError(TooLargeAnswerError):
    """A list of orders is larger, or takes longer, than is allowed."""

    hint = "Ask for fewer orders at a time, by max_age, payment_statuses or min_posting_date."


class WrongAnswerError(ApiError):
    """The answer is well-formed, but it is an error, about another order, or has an unexpected payment status."""

    ambiguous = True
    service = False
    hint = "Look at the order in Komfortkasse's merchant area before you run this again."


class StoppedError(ApiError):
    """The run was told to stop before this request was sent."""

    service = False
    hint = "Run it again to go on."


def describe_bug(error: BaseException) -> str:
    """A clause about an unexpected exception, which is a bug in our code."""
    return f"ran into an unexpected error, please report it: {type(error).__name__}: {excerpt(str(error))}"


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


def describe_status(status: int, words: str = "") -> str:
    """A clause about an answer with this HTTP status and these words; HTTP's own words where the answer has none."""
    if words:
        return f"the API answered {status}: {words}"
    try:
        return f"the API answered {status} {HTTPStatus(status).phrase}"
    except ValueError:  # HTTP does not name it
        return f"the API answered {status}"
