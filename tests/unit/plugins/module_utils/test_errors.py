# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each status means: may it pass, may it have taken effect, what is a person told?"""

from __future__ import annotations

import pytest

from ansible_collections.community.komfortkasse.plugins.module_utils import _errors
from ansible_collections.community.komfortkasse.plugins.module_utils._errors import ApiError, error_for_status


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
    ("status", "words", "told"), [(404, "Gone", "404: Gone"), (404, "", "404 Not Found"), (599, "", "599")]
)
def test_a_status_is_told_with_words(status, words, told):
    assert _errors.describe_status(status, words) == f"the API answered {told}"


def test_only_404_is_a_missing_order():
    assert [status for status in range(300, 600) if error_for_status(status) is _errors.NotFoundError] == [404]


@pytest.mark.parametrize(("wait", "ambiguous"), [(None, True), (0.0, False), (7.0, False)])
def test_without_a_wait_a_503_may_have_taken_effect(wait, ambiguous):
    error = _errors.UnavailableError("down", http_status=503, retry_after=wait)
    assert (str(error), error.http_status, error.retry_after, error.ambiguous) == ("down", 503, wait, ambiguous)


def test_a_fault_of_ours_is_told_with_its_type():
    assert _errors.describe_bug(KeyError("x")) == "ran into an unexpected error, please report it: KeyError: 'x'"


def test_an_error_is_a_value():
    error = ApiError("the API answered 500", http_status=500, retry_after=3.0)
    noted = error.with_note("tried 3 times")
    assert (str(noted), noted.http_status, noted.retry_after) == ("the API answered 500 (tried 3 times)", 500, 3.0)
    refused = noted.with_key_of(_errors.KeyRefusedError("the API answered 401"))
    assert (refused.key_refused, refused.hint) == (True, _errors.KeyRefusedError.hint)
    assert noted.with_key_of(error) is noted
    both = _errors.ServerError("it broke").followed_by(_errors.RefusedError("the API answered 400"))
    assert (str(both), both.transient, both.ambiguous) == ("it broke (then the API answered 400)", False, True)
    assert (str(error), error.key_refused, _errors.ServerError.transient) == ("the API answered 500", False, True)
