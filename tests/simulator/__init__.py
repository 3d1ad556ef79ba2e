# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stateful Komfortkasse API on the loopback interface, for demo, tests and benchmarks.

Start it with ``cd tests && python -m simulator``; README.md tells how to control it and how to make it misbehave.
"""
