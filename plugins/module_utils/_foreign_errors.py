# Copyright (c) 2026 The community.komfortkasse contributors
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

# This module util is PRIVATE to the collection: it may change in any release.

"""From exceptions of requests, urllib3, http.client and ssl to our errors, by one table of types. Pure.

If it is unknown whether the request was sent, the error is ambiguous.
"""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ansible_collections.community.komfortkasse.plugins.module_utils import _errors
from ansible_collections.community.komfortkasse.plugins.module_utils._redact import excerpt

try:
    from requests import exceptions as of_requests
    from urllib3 import exceptions as of_urllib3
    from urllib3.connection import (  # type: ignore[attr-defined]  # the one place that 1.26 and 2 share
        CertificateError as HostnameMismatchError,
    )

    HAS_REQUESTS = True
except ImportError:
    HAS_REQUESTS = False


class OutdatedTlsError(ssl.SSLError):
    """The connection uses a version of TLS that is no longer secure."""


class Route(NamedTuple):
    """What messages say about a request: host and port, time-out in seconds, environment variable with the proxy."""

    host: str
    timeout: int
    proxy_variable: str | None = None


class _Row(NamedTuple):
    """An exception that has a cause of one of these types becomes this error. `_fields` fills in the message."""

    types: tuple[type[BaseException], ...]
    error: type[_errors.ApiError]
    message: str


TUNNEL_FAILED = "Tunnel connection failed"  # http.client raises a plain OSError with this text
NOT_TRUSTED = "the TLS certificate of {host} is not trusted: {verdict}"
NO_CONNECTION = "no connection {through}to {host}: {reason}"
BROKEN = "the connection to {host} broke before the answer was complete: {reason}"
READ_FILES = ("X509", "PEM", "ASN1")  # the parts of OpenSSL that read files with certificates

# The first row that matches counts. In urllib3 1.26 a NewConnectionError is a ConnectTimeoutError, too.
_TABLE: Sequence[_Row] = ()
_REASONS: Sequence[tuple[type[BaseException], str]] = ()
EXPECTED: tuple[type[BaseException], ...] = ()

if HAS_REQUESTS:
    EXPECTED = (OSError, of_requests.RequestException, of_urllib3.HTTPError, http.client.HTTPException)
    _TABLE = (
        _Row((of_requests.InvalidSchema,), _errors.SettingsError, "{setting} needs the Python library PySocks"),
        _Row((of_urllib3.URLSchemeUnknown,), _errors.SettingsError, "{setting} cannot be used: its scheme is unknown"),
        _Row(
            (of_requests.InvalidURL, of_urllib3.LocationValueError),
            _errors.SettingsError,
            "{setting} cannot be used: it is malformed",
        ),
        _Row((ssl.SSLCertVerificationError, HostnameMismatchError), _errors.CertificateError, NOT_TRUSTED),
        _Row((OutdatedTlsError,), _errors.CertificateError, "{host} offers only outdated TLS: {text}"),
        _Row((of_urllib3.NewConnectionError, ConnectionRefusedError), _errors.NotConnectedError, NO_CONNECTION),
        _Row(
            (of_requests.ConnectTimeout, of_urllib3.ConnectTimeoutError),
            _errors.NotConnectedError,
            "{host} did not accept the connection within {timeout} s",
        ),
        _Row(
            (of_requests.ReadTimeout, of_urllib3.ReadTimeoutError),
            _errors.BrokenConnectionError,
            "{host} did not answer within {timeout} s",
        ),
    )
    _REASONS = (
        (http.client.RemoteDisconnected, "the other side hung up"),
        (http.client.BadStatusLine, "it is not HTTP"),
        (http.client.LineTooLong, "its header is too long"),
        (of_urllib3.InvalidChunkLength, "it is not HTTP"),
        (of_urllib3.InvalidHeader, "its header is invalid"),
        (http.client.IncompleteRead, "it ended too early"),
        (of_urllib3.DecodeError, "it cannot be unpacked"),
        (http.client.HTTPException, "it is not HTTP"),
    )


def error_for(exception: Exception, route: Route) -> _errors.ApiError:
    """Return our error for an exception that came up while a request was sent or its answer read."""
    causes = list(_causes(exception))
    unusable = _unusable_certificates(causes)
    if unusable:
        return _errors.CertificateError(f"TLS could not be set up: {unusable}")
    for row in _TABLE:
        for cause in causes:
            if isinstance(cause, row.types):
                return row.error(row.message.format_map(_fields(cause, causes, route)))
    fields = _fields(exception, causes, route)
    if any(str(cause).startswith(TUNNEL_FAILED) for cause in causes):
        return _errors.NotConnectedError(NO_CONNECTION.format_map(fields))
    if not isinstance(exception, EXPECTED):
        fields["reason"] = f"this collection {_errors.describe_bug(exception)}"
    return _errors.BrokenConnectionError(BROKEN.format_map(fields))


def _unusable_certificates(causes: Sequence[BaseException]) -> str:
    """Return what is wrong with the files of certificates to trust, '' if nothing."""
    if causes[0].__class__ is OSError:  # requests raises it before it connects
        return excerpt(str(causes[0]))
    for cause in causes:
        if isinstance(cause, ssl.SSLError) and getattr(cause, "library", "") in READ_FILES:
            why = (cause.reason or "").replace("_", " ").lower()
            return f"the file with the certificates to trust cannot be read: {why}"
    return ""


def _fields(cause: BaseException, causes: Sequence[BaseException], route: Route) -> dict[str, object]:
    verdict = getattr(cause, "verify_message", None) or f"Hostname mismatch, {cause}"
    through_proxy = any(isinstance(each, of_requests.ProxyError) for each in causes)
    return {
        "host": route.host,
        "timeout": route.timeout,
        "setting": f"the proxy in {route.proxy_variable}" if route.proxy_variable else "the address in api_url",
        "through": "through the proxy " if through_proxy else "",
        "verdict": excerpt(verdict),
        "reason": next(filter(None, map(_reason, reversed(causes))), "no cause is known"),
        "text": excerpt(str(cause)),
    }


def _reason(cause: BaseException) -> str:
    """A cause in words for people, never the name of a Python class; '' if we have no words for it."""
    if isinstance(cause, OSError) and cause.strerror:
        return excerpt(cause.strerror)
    if str(cause).startswith(TUNNEL_FAILED):
        return excerpt(str(cause))
    return next((reason for kind, reason in _REASONS if isinstance(cause, kind)), "")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and all its causes: requests and urllib3 wrap them in several layers."""
    seen: list[BaseException] = []
    rest: list[BaseException] = [error]
    while rest:
        current = rest.pop(0)
        if not any(current is known for known in seen):
            seen.append(current)
            yield current
            candidates = [current.__cause__, current.__context__, getattr(current, "reason", None), *current.args]
            rest += [candidate for candidate in candidates if isinstance(candidate, BaseException)]
