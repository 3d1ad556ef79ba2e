# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is PRIVATE to the collection: it may change in any release.

"""From the bytes of a file that a person saved to its text. Pure."""

from __future__ import annotations

import contextlib
import re

SAVE_AS_CSV = "Open it in a spreadsheet program and save the sheet as CSV."
NOT_TEXT = {
    b"PK\x03\x04": f"an Excel or OpenDocument workbook, or another zip archive. {SAVE_AS_CSV}",
    b"PK\x05\x06": f"an empty zip archive. {SAVE_AS_CSV}",
    b"\xd0\xcf\x11\xe0": f"an old Excel workbook, or another Office file. {SAVE_AS_CSV}",
    b"%PDF": "a PDF file. Export the list as CSV or text instead.",
    b"{\\rtf": "an RTF document. Save it as plain text.",
    b"\x1f\x8b": "a gzip archive. Unpack it first.",
}
"""The first bytes of files that are not text, and what these files are."""
BOMS = (  # longest first: that of UTF-32 begins like that of UTF-16
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
WITHOUT_BOM = ("utf-8", "cp1252")
BINARY = re.compile("[\x00-\x08\x0e-\x1f\x7f]")


def text_of(content: bytes) -> str:
    """Return the text of a file: by its byte-order mark, else as UTF-8, else as Windows-1252.

    Raises: ValueError with a sentence that says what the file is, if it is not text.
    """
    what = next((what for start, what in NOT_TEXT.items() if content.startswith(start)), None)
    if what:
        raise ValueError(f"this is {what}")
    encodings = next(((encoding,) for bom, encoding in BOMS if content.startswith(bom)), WITHOUT_BOM)
    for encoding in encodings:
        with contextlib.suppress(UnicodeDecodeError):
            text = content.decode(encoding)
            if not BINARY.search(text):
                return text
    raise ValueError("this is a binary file, or text in an unknown encoding. Save the list as CSV or text in UTF-8.")
