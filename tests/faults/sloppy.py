"""A gateway that does not wait for the disk: `synchronous=NORMAL`, for contrast only."""

from __future__ import annotations

import sys

from models import session

KEPT = session._pragmas


def sloppy(*, readonly: bool) -> tuple[str, ...]:
    """The pragmas with NORMAL in place of FULL."""
    said = tuple(each.replace("synchronous=FULL", "synchronous=NORMAL") for each in KEPT(readonly=readonly))
    assert "synchronous=NORMAL" in said
    return said


def main() -> None:
    """Serve."""
    from plangate.cli import main as program  # noqa: PLC0415  (after what it is made of was changed)

    session._pragmas = sloppy
    sys.argv = ["plangate", "serve"]
    program()


if __name__ == "__main__":
    main()
