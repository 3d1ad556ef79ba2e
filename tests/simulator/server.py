# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server process: socket, uvicorn, the ready file, and an end without noise."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import uvicorn

from .app import API_PATH, CONTROL_PATH, Simulator
from .protocol import SimulatorProtocol
from .world import World

# Longer than any pause of a client: an idle connection that the server closes would be a fault that nobody planned.
HOST = "127.0.0.1"
KEEP_ALIVE_SECONDS = 600


class Server(uvicorn.Server):
    """uvicorn, told to say when it is ready and to end at once, quietly, with exit status 0."""

    def __init__(self, config: uvicorn.Config, base_url: str, ready_file: Path | None, until_eof: bool) -> None:
        super().__init__(config)
        self._base_url = base_url
        self._ready_file = ready_file
        self._until_eof = until_eof

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to startup(): uvicorn would raise them once more in the end."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to accept connections and say so."""
        await super().startup(sockets)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop)
        if self._until_eof:
            threading.Thread(target=self._wait_for_eof, args=(loop,), daemon=True).start()
        if self._ready_file is not None:
            self._write_ready_file(self._ready_file)
        print(f"Komfortkasse simulator: {self._base_url}{API_PATH}", flush=True)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End at once: an endless answer has no end to wait for, and half an answer is better than an invented one."""
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await super().shutdown(sockets)

    def _stop(self) -> None:
        self.should_exit = True

    def _wait_for_eof(self, loop: asyncio.AbstractEventLoop) -> None:
        # os.read, because a thread that waits in sys.stdin holds a lock that the interpreter's end needs.
        with contextlib.suppress(OSError):  # no stdin at all is the end of it as well
            while os.read(0, 4096):
                pass
        with contextlib.suppress(RuntimeError):  # the loop has ended already
            loop.call_soon_threadsafe(self._stop)

    def _write_ready_file(self, path: Path) -> None:
        ready = {
            "api_url": self._base_url + API_PATH,
            "control_url": self._base_url + CONTROL_PATH,
            "pid": os.getpid(),
        }
        temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
        temporary.write_text(json.dumps(ready), encoding="utf-8")
        temporary.replace(path)


def serve(
    world: World,
    port: int,
    *,
    certfile: str | None = None,
    keyfile: str | None = None,
    ready_file: Path | None = None,
    until_eof: bool = False,
) -> None:
    """Serve until SIGTERM, SIGINT or (until_eof) the end of stdin. certfile and keyfile together mean TLS."""
    # On the loopback address, and no other: whoever reaches /_control needs no key.
    sock = socket.create_server((HOST, port), backlog=2048)
    app = Simulator(world)

    class Connection(SimulatorProtocol):
        """The protocol of this server."""

        recorder = app

    config = uvicorn.Config(
        app,
        http=Connection,
        ws="none",
        lifespan="off",
        loop="uvloop",
        log_config=None,
        log_level="critical",  # what uvicorn would report are the cuts that are made on purpose
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=0,
        ssl_certfile=certfile,
        ssl_keyfile=keyfile,
    )
    if ready_file is not None:
        ready_file.unlink(missing_ok=True)  # an old one would tell of a process that is gone
    base_url = f"{'https' if certfile else 'http'}://{HOST}:{sock.getsockname()[1]}"
    Server(config, base_url, ready_file, until_eof).run(sockets=[sock])
