"""The command line: `plangate …`. Users' mistakes are one clear line and the exit code 2."""

from plangate.cli.program import main

__all__ = ["main"]
