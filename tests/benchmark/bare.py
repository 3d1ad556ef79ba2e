# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a script without Ansible needs for the same orders: bare.py HOW FILE WORKERS.

HOW: ``pool`` (requests in threads, GET and POST), ``post`` (the same without GET), ``aiohttp`` (GET and POST).
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests
from requests.adapters import HTTPAdapter

API_URL = os.environ["KOMFORTKASSE_API_URL"]
HEADERS = {"X-Komfortkasse-API-Key": os.environ["KOMFORTKASSE_API_KEY"]}


def in_threads(numbers: list[str], workers: int, read: bool) -> None:
    """Cancel the orders with a pool of threads."""
    session = requests.Session()
    session.headers.update(HEADERS)
    session.mount("http://", HTTPAdapter(pool_maxsize=workers))

    def cancel(number: str) -> None:
        if not read or session.get(f"{API_URL}/order/{number}").json()["paymentStatus"] != "CANCELLED":
            session.post(f"{API_URL}/order/{number}/cancel").json()

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(cancel, numbers))


async def in_a_loop(numbers: list[str], workers: int) -> None:
    """Cancel the orders with aiohttp."""
    import aiohttp

    left = iter(numbers)

    async def work(session: aiohttp.ClientSession) -> None:
        for number in left:
            async with session.get(f"{API_URL}/order/{number}") as answer:
                order = await answer.json()
            if order["paymentStatus"] != "CANCELLED":
                async with session.post(f"{API_URL}/order/{number}/cancel") as answer:
                    await answer.json()

    connector = aiohttp.TCPConnector(limit=workers)
    async with aiohttp.ClientSession(connector=connector, headers=HEADERS) as session:
        await asyncio.gather(*(work(session) for _worker in range(workers)))


if __name__ == "__main__":
    listed, count = json.loads(Path(sys.argv[2]).read_text()), int(sys.argv[3])
    if sys.argv[1] == "aiohttp":
        asyncio.run(in_a_loop(listed, count))
    else:
        in_threads(listed, count, read=sys.argv[1] == "pool")
