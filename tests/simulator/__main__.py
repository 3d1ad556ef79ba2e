# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line."""

from __future__ import annotations

import argparse
from pathlib import Path

from . import seed
from .server import serve
from .world import Settings, World


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m simulator", description="A simulated Komfortkasse API v2.")
    parser.add_argument("--seed", type=Path, default=seed.BUNDLED, metavar="FILE", help="YAML of shops and orders")
    parser.add_argument("--shops", type=int, default=0, metavar="N", help="add N shops, shop-001 and so on")
    parser.add_argument(
        "--generate", type=int, default=0, metavar="N", help="add N orders to the first shop and to those of --shops"
    )
    parser.add_argument("--port", type=int, default=0, help="0 = a free port (default)")
    parser.add_argument("--latency-ms", type=int, default=0, metavar="MS", help="wait before every answer")
    parser.add_argument("--ready-file", type=Path, metavar="FILE", help="JSON file written when ready")
    parser.add_argument("--certfile", metavar="FILE", help="serve TLS with this certificate chain (PEM)")
    parser.add_argument("--keyfile", metavar="FILE", help="the certificate's private key (PEM)")
    parser.add_argument("--exit-on-stdin-eof", action="store_true", help="end when stdin is closed")
    return parser


def main() -> None:
    """Run the simulator until it is told to end."""
    options = _parser().parse_args()
    shops = seed.load(options.seed)
    for shop in [next(iter(shops.values())), *seed.add_shops(shops, options.shops)]:
        seed.generate(shop, options.generate)
    serve(
        World(shops, Settings(latency_ms=options.latency_ms)),
        options.port,
        certfile=options.certfile,
        keyfile=options.keyfile,
        ready_file=options.ready_file,
        until_eof=options.exit_on_stdin_eof,
    )


if __name__ == "__main__":
    main()
