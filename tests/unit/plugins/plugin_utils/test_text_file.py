# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import gzip
import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.community.komfortkasse.plugins.plugin_utils._text_file import text_of

TEXT = "Stück;№\r\n0123;x\r\n"


def workbook():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return file.getvalue()


@pytest.mark.parametrize(
    ("bom", "encoding"),
    [
        ("", "utf-8"),
        ("\ufeff", "utf-8"),
        ("\ufeff", "utf-16-le"),
        ("\ufeff", "utf-16-be"),
        ("\ufeff", "utf-32-le"),
        ("\ufeff", "utf-32-be"),
    ],
)
def test_unicode_text_is_decoded(bom, encoding):
    assert text_of((bom + TEXT).encode(encoding)) == TEXT


def test_other_text_is_windows_1252():
    assert text_of("Stück €".encode("cp1252")) == "Stück €"
    assert text_of(b"") == ""


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (workbook(), "an Excel or OpenDocument workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook"),
        (b"%PDF-1.7\n", "a PDF file"),
        (b"{\\rtf1 1001}", "an RTF document"),
        (gzip.compress(b"1001", mtime=0), "a gzip archive"),
        (b"KOMFORTKASSE_API_KEY=verysecret\0PATH=/bin\0", "a binary file"),
        (TEXT.encode("utf-16-le"), "a binary file"),
        (TEXT.encode("utf-16")[:-1], "a binary file"),
        (b"1001\x81", "a binary file"),
        (b"\x89PNG\r\n\x1a\n\0\0", "a binary file"),
    ],
)
def test_a_file_that_is_not_text_is_refused_by_its_kind(content, says):
    with pytest.raises(ValueError, match=f"this is {says}") as error:
        text_of(content)
    assert "secret" not in str(error.value)


@given(st.binary() | st.text().map(lambda text: text.encode("utf-16", "surrogatepass")))
def test_any_content_gives_text_or_a_sentence(content):
    try:
        assert isinstance(text_of(content), str)
    except ValueError as error:
        assert str(error).startswith("this is ")
