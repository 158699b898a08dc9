"""A gateway that does not wait for the disk: `synchronous=NORMAL`, for contrast only."""

from __future__ import annotations

import sys

from models import sqlite

SLOPPY = tuple(each.replace("synchronous=FULL", "synchronous=NORMAL") for each in sqlite.PRAGMAS)
"""The pragmas with NORMAL in place of FULL."""


def main() -> None:
    """Serve."""
    from plangate.cli import main as program  # noqa: PLC0415  (after what it is made of was changed)

    assert "synchronous=NORMAL" in SLOPPY
    sqlite.PRAGMAS = SLOPPY
    sys.argv = ["plangate", "serve"]
    program()


if __name__ == "__main__":
    main()
