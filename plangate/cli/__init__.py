"""The command line: `plangate …`. Users' mistakes are one clear line and the exit code 2."""

import gc

collected = gc.isenabled()
gc.disable()  # what is imported stays: walking it in search of garbage took a fifth of every start

from plangate.cli.program import main  # noqa: E402  (see above)

if collected:
    gc.freeze()
    gc.enable()

__all__ = ["main"]
