# Copyright (c) 2026 The community.komfortkasse contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from . import seed
from .order import Invalid
from .server import listen, serve
from .world import Settings, World


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m simulator", description="A simulated Komfortkasse API v2.")
    parser.add_argument("--seed", type=Path, default=seed.BUNDLED, metavar="FILE", help="YAML of shops and orders")
    parser.add_argument("--shops", type=_count, default=0, metavar="N", help="add N shops, shop-001 and so on")
    parser.add_argument(
        "--generate", type=_count, default=0, metavar="N", help="add N orders to the first shop and to those of --shops"
    )
    parser.add_argument("--port", type=int, default=0, help="0 = a free port (default)")
    parser.add_argument("--latency-ms", type=_count, default=0, metavar="MS", help="wait before every answer")
    parser.add_argument("--ready-file", type=Path, metavar="FILE", help="JSON file written when ready")
    parser.add_argument("--certfile", metavar="FILE", help="serve TLS with this certificate chain (PEM)")
    parser.add_argument("--keyfile", metavar="FILE", help="the certificate's private key (PEM)")
    parser.add_argument("--exit-on-stdin-eof", action="store_true", help="end when stdin is closed")
    return parser


def _count(text: str) -> int:
    value = int(text)
    if value < 0:
        raise ValueError
    return value


def main() -> int:
    """Run the simulator until it is told to end; returns the exit status."""
    parser = _parser()
    options = parser.parse_args()
    if bool(options.certfile) != bool(options.keyfile):
        parser.error("--certfile and --keyfile go together")
    try:
        shops = seed.load(options.seed)
        for shop in [next(iter(shops.values())), *seed.add_shops(shops, options.shops)]:
            seed.generate(shop, options.generate)
        sock = listen(options.port)
        serve(
            World(shops, Settings(latency_ms=options.latency_ms)),
            sock,
            certfile=options.certfile,
            keyfile=options.keyfile,
            ready_file=options.ready_file,
            until_eof=options.exit_on_stdin_eof,
        )
    except (Invalid, OSError) as error:
        print(f"simulator: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
