# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each status and each exception means: may it pass, may it have taken effect, what is a person told?"""

from __future__ import annotations

from http.client import IncompleteRead

import pytest
import requests
from urllib3.exceptions import DecodeError, ProtocolError
from urllib3.util import ssl_match_hostname

from ansible_collections.community.komfortkasse.plugins.module_utils import _errors
from ansible_collections.community.komfortkasse.plugins.module_utils._errors import (
    ApiError,
    BrokenConnectionError,
    CertificateError,
    NotConnectedError,
    error_for_status,
)


def test_what_a_status_allows():
    for status in range(300, 600):
        error = error_for_status(status)
        unsure = status == 408 or (status >= 500 and status != 503)
        assert error.transient == (unsure or status in (429, 503)), status
        # A redirect is not tried again, but looked at.
        assert error.ambiguous == (unsure or status < 400), status
        # Only what is about one order does not speak of the service.
        assert error.service == (status not in range(400, 500) or status in (401, 403, 408, 429)), status
        assert error.hint.endswith("."), status


@pytest.mark.parametrize(
    ("status", "text"), [(404, "404 Not Found"), (599, "599"), (418, "418 I'm a Teapot"), (999, "999")]
)
def test_a_status_is_told_with_its_name(status, text):
    assert _errors.status_text(status) == text


def test_more_can_be_said_of_an_error():
    error = ApiError("the API answered 500", http_status=500, retry_after=3.0)
    error.add("tried 3 times")
    assert (str(error), error.http_status, error.retry_after) == ("the API answered 500 (tried 3 times)", 500, 3.0)


@pytest.mark.parametrize(
    ("exception", "error", "words"),
    [
        (requests.ConnectTimeout(), NotConnectedError, "did not accept the connection within 7 s"),
        (requests.exceptions.ProxyError(OSError(111, "Refused")), NotConnectedError, "through the proxy to"),
        # What urllib3 makes of a connection through a proxy that breaks after the request was sent.
        (requests.exceptions.ProxyError(ConnectionResetError(104, "Reset")), BrokenConnectionError, "Reset"),
        # What urllib3 1.26 says of a certificate for another name.
        (
            requests.exceptions.SSLError(ssl_match_hostname.CertificateError("'a' doesn't match 'b'")),
            CertificateError,
            "is not trusted: Hostname mismatch, 'a' doesn't match 'b'",
        ),
        (requests.ReadTimeout(), BrokenConnectionError, "did not answer within 7 s"),
        (
            requests.ConnectionError(ProtocolError("x", ConnectionResetError(104, "Reset"))),
            BrokenConnectionError,
            "Reset",
        ),
        (requests.exceptions.ChunkedEncodingError("x"), BrokenConnectionError, "no cause is known"),
        (requests.exceptions.ChunkedEncodingError(IncompleteRead(b"x")), BrokenConnectionError, "it ended too early"),
        (requests.ConnectionError(OSError("Tunnel connection failed: 403 No")), NotConnectedError, "failed: 403 No"),
        (DecodeError("x"), BrokenConnectionError, "broke before the answer was complete"),
        (OSError("no such CA bundle"), CertificateError, "TLS could not be set up: no such CA bundle"),
    ],
)
def test_what_an_exception_means(exception, error, words):
    got = _errors.error_for_exception(exception, "example.org", 7)
    assert got.__class__ is error
    assert words in str(got)
    assert "Error" not in str(got)
    assert "example.org" in str(got) or "TLS could not be set up" in str(got)
    assert got.ambiguous == (error is BrokenConnectionError)


def test_an_exception_that_is_its_own_cause_comes_to_an_end():
    first, second = requests.ConnectionError("a"), OSError(5, "Input/output error")
    first.__cause__, second.__context__ = second, first
    assert "Input/output error" in str(_errors.error_for_exception(first, "example.org", 7))
