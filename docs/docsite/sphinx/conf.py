# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How Sphinx makes the documentation site (make docs) of what antsibull-docs wrote."""

from __future__ import annotations

import tempfile
import zlib
from pathlib import Path

ANSIBLE = "https://docs.ansible.com/projects/ansible/latest/"
# What our pages refer to in Ansible's own documentation: labels, pages and titles. Sphinx would fetch the whole
# inventory from the network; with these few the site also builds without one, and the same way every time.
ANSIBLE_LABELS = {
    "action_plugins": ("plugins/action.html", "Action plugins"),
    "ansible_collections.ansible.builtin.default_filter": (
        "collections/ansible/builtin/default_filter.html",
        "default filter",
    ),
    "ansible_collections.ansible.builtin.file_lookup": ("collections/ansible/builtin/file_lookup.html", "file lookup"),
    "ansible_collections.ansible.builtin.inventory_hostnames_lookup": (
        "collections/ansible/builtin/inventory_hostnames_lookup.html",
        "inventory_hostnames lookup",
    ),
    "ansible_configuration_settings": ("reference_appendices/config.html", "Ansible Configuration Settings"),
    "common_return_values": ("reference_appendices/common_return_values.html", "Return Values"),
}


def write_inventory(path: Path) -> str:
    """Write ANSIBLE_LABELS in the form of a Sphinx inventory and return where it is."""
    head = (
        "# Sphinx inventory version 2\n# Project: Ansible\n# Version: \n"
        "# The remainder of this file is compressed using zlib.\n"
    )
    lines = "".join(f"{label} std:label -1 {page} {title}\n" for label, (page, title) in ANSIBLE_LABELS.items())
    path.write_bytes(head.encode() + zlib.compress(lines.encode()))
    return str(path)


project = "community.komfortkasse"
project_copyright = "2026, The community.komfortkasse contributors"
html_title = "community.komfortkasse"
html_short_title = "community.komfortkasse"
extensions = ["sphinx.ext.intersphinx", "sphinx_antsibull_ext"]
intersphinx_mapping = {
    "ansible": (ANSIBLE, write_inventory(Path(tempfile.mkdtemp(prefix="komfortkasse-docs-")) / "objects.inv")),
}
pygments_style = "ansible"
highlight_language = "YAML+Jinja"
default_role = "any"
nitpicky = True

# Links into this repository are checked by a unit test, in the commit that is at hand.
linkcheck_ignore = [r"https://github\.com/ansible-collections/community\.komfortkasse/(blob|tree)/main/"]
linkcheck_retries = 3
linkcheck_anchors = False

html_theme = "sphinx_ansible_theme"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_show_sphinx = False
html_use_index = False
html_use_modindex = False
html_copy_source = False
