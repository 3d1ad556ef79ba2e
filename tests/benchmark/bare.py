# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The limit: what a careless script with requests and a thread pool needs for the same orders: bare.py FILE WORKERS."""

from __future__ import annotations

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests
from requests.adapters import HTTPAdapter

API_URL = os.environ["KOMFORTKASSE_API_URL"]


def main() -> None:
    """Cancel the orders that are named in the file, with so many threads."""
    numbers, workers = json.loads(Path(sys.argv[1]).read_text()), int(sys.argv[2])
    session = requests.Session()
    session.headers["X-Komfortkasse-API-Key"] = os.environ["KOMFORTKASSE_API_KEY"]
    session.mount("http://", HTTPAdapter(pool_maxsize=workers))

    def cancel(number: str) -> None:
        if session.get(f"{API_URL}/order/{number}").json()["paymentStatus"] != "CANCELLED":
            session.post(f"{API_URL}/order/{number}/cancel").json()

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(cancel, numbers))


if __name__ == "__main__":
    main()
