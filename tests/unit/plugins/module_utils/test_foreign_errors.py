# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each exception of a library means: may it have taken effect, and what is a person told?"""

from __future__ import annotations

import ssl
from http.client import BadStatusLine, IncompleteRead, RemoteDisconnected

import pytest
import requests
import urllib3.connection
from urllib3.exceptions import DecodeError, ProtocolError

from ansible_collections.community.komfortkasse.plugins.module_utils._errors import (
    BrokenConnectionError,
    CertificateError,
    NotConnectedError,
    SettingsError,
)
from ansible_collections.community.komfortkasse.plugins.module_utils._foreign_errors import (
    OutdatedTlsError,
    Route,
    error_for,
)

ROUTE = Route("example.org", 7, "https_proxy")
HOSTNAME_MISMATCH = vars(urllib3.connection)["CertificateError"]  # where it is defined depends on the release


@pytest.mark.parametrize(
    ("exception", "error", "words"),
    [
        (requests.ConnectTimeout(), NotConnectedError, "did not accept the connection within 7 s"),
        (requests.exceptions.ProxyError(OSError(111, "Refused")), NotConnectedError, "through the proxy to"),
        # What urllib3 makes of a connection through a proxy that breaks after the request was sent.
        (requests.exceptions.ProxyError(ConnectionResetError(104, "Reset")), BrokenConnectionError, "Reset"),
        # What urllib3 1.26 says of a certificate for another name.
        (
            requests.exceptions.SSLError(HOSTNAME_MISMATCH("'a' doesn't match 'b'")),
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
        (
            OutdatedTlsError(1, "version TLSv1.1"),
            CertificateError,
            "offers only outdated TLS: version TLSv1.1",
        ),
        (requests.exceptions.InvalidSchema("x"), SettingsError, "the proxy in https_proxy needs"),
        (
            requests.exceptions.InvalidProxyURL("x"),
            SettingsError,
            "https_proxy cannot be used: it is malformed",
        ),
        (urllib3.exceptions.LocationParseError("x"), SettingsError, "https_proxy cannot be used: it is malformed"),
        (urllib3.exceptions.ProxySchemeUnknown("ftp"), SettingsError, "cannot be used: its scheme is unknown"),
        (
            requests.ConnectionError(ProtocolError("x", RemoteDisconnected("y"))),
            BrokenConnectionError,
            "the other side hung up",
        ),
        (requests.ConnectionError(ProtocolError("x", BadStatusLine("y"))), BrokenConnectionError, "it is not HTTP"),
        (OSError("no such CA bundle"), CertificateError, "TLS could not be set up: no such CA bundle"),
    ],
)
def test_what_an_exception_means(exception, error, words):
    got = error_for(exception, ROUTE)
    assert got.__class__ is error
    assert words in str(got)
    assert "Error" not in str(got)
    assert any(words in str(got) for words in ("example.org", "TLS could not be set up", "https_proxy"))
    assert got.ambiguous == (error is BrokenConnectionError)


def test_an_exception_that_is_its_own_cause_comes_to_an_end():
    first, second = requests.ConnectionError("a"), OSError(5, "Input/output error")
    first.__cause__, second.__context__ = second, first
    assert "Input/output error" in str(error_for(first, ROUTE))


@pytest.mark.parametrize("exception", [TypeError("a bug"), OverflowError("a bug"), UnicodeError("a bug")])
def test_an_exception_that_nobody_foresaw_may_follow_a_sent_request(exception):
    got = error_for(exception, ROUTE)
    assert (got.__class__, got.ambiguous) == (BrokenConnectionError, True)
    assert "please report it" in str(got)


@pytest.mark.parametrize(
    "exception",
    [
        OSError("Tunnel connection failed: 403 \x1b[31m\n" + "x" * 1000),
        ssl.SSLError(1, "\x1b[31m\n" + "x" * 1000),
        HOSTNAME_MISMATCH("\x1b[31m\n" + "x" * 1000),
        TypeError("\x1b[31m\n" + "x" * 1000),
    ],
)
def test_foreign_text_is_bounded_and_without_control_characters(exception):
    told = str(error_for(requests.ConnectionError(exception), ROUTE))
    assert len(told) < 400
    assert told.isprintable()


def test_without_a_proxy_the_address_is_at_fault():
    told = str(error_for(urllib3.exceptions.LocationParseError("x"), Route("example.org", 7)))
    assert told == "the address in api_url cannot be used: it is malformed"
