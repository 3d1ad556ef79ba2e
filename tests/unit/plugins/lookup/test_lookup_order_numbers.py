# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lookup order_numbers: it finds and reads a file; what is in it is the filter's matter."""

from __future__ import annotations

import os
import re

import pytest

from ansible.errors import AnsibleLookupError
from ansible.parsing.dataloader import DataLoader

from ansible_collections.community.komfortkasse.plugins.lookup.order_numbers import LookupModule


@pytest.fixture
def look_up(tmp_path):
    """Return a function that runs the lookup in a folder, as a playbook there would."""

    def run(*terms, **options):
        loader = DataLoader()
        loader.set_basedir(str(tmp_path))
        return LookupModule(loader=loader).run(list(terms), {"ansible_search_path": [str(tmp_path)]}, **options)

    return run


def test_the_result_is_one_list_in_a_list(look_up, tmp_path):
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "a.txt").write_text("0123\n#1001\n")
    (tmp_path / "b.txt").write_text("7;0123")
    assert look_up("a.txt") == [["0123", "#1001"]]
    assert look_up("a.txt", str(tmp_path / "b.txt"), column="") == [["0123", "#1001", "7"]]


def test_a_relative_path_may_start_at_the_working_directory(look_up, tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "a.txt").write_text("1")
    monkeypatch.chdir(tmp_path / "here")
    assert look_up("a.txt") == [["1"]]


def test_text_stands_in_place_of_a_file(look_up):
    assert look_up("", text="1001, 0123") == look_up(text=["1001", "0123"]) == [["1001", "0123"]]
    assert look_up(text="Nr;x\n1;2", column="Nr") == [["1"]]
    assert look_up("", text="", column="") == [""]
    with pytest.raises(AnsibleLookupError, match="line 1: several values"):
        look_up(text="Nr;x\n1;2")
    with pytest.raises(AnsibleLookupError, match="not both"):
        look_up("a.txt", text="1001")


def test_the_column_of_a_file_is_read(look_up, tmp_path):
    (tmp_path / "a.csv").write_bytes("Stück;x\r\n0123;ä\r\n".encode("cp1252"))
    assert look_up("a.csv", column="STÜCK") == [["0123"]]


def test_an_empty_file_gives_an_empty_list(look_up, tmp_path):
    (tmp_path / "a.txt").touch()
    assert look_up("a.txt") == [[]]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("none.txt", "none.txt: there is no such file"),
        ("pipe", "pipe: this is not a file"),
        ("sheet.xlsx", "sheet.xlsx: this is an Excel"),
        ("page.xls", "page.xls: this is HTML"),
        ("table.csv", "table.csv: line 1: several values"),
        (5, "must be text"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(look_up, tmp_path, name, says):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "sheet.xlsx").write_bytes(b"PK\x03\x04")
    (tmp_path / "page.xls").write_text("\ufeff\r\n <html>1001", encoding="utf-16")
    (tmp_path / "table.csv").write_text("Nr;Kunde\n1;2")
    with pytest.raises(AnsibleLookupError) as error:
        look_up(name)
    assert re.search(says, str(error.value))


def test_the_environment_of_a_process_is_not_shown(look_up):
    with pytest.raises(AnsibleLookupError, match="this is a binary file") as error:
        look_up("/proc/self/environ")
    assert "=" not in str(error.value)


def test_an_unknown_option_is_refused(look_up):
    with pytest.raises(AnsibleLookupError, match="no option colum,"):
        look_up("a.csv", colum="Nr")
