"""The command line: `plangate …`. Users' mistakes are one clear line and the exit code 2."""

from plangate.cli.unswept import unswept

with unswept():
    from plangate.cli.program import main

__all__ = ["main"]
