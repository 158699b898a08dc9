"""The end of the program, in a known time."""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from plangate.logs import logger

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

LAST_SECONDS: Final = 1.8
"""How long after the grace everything is over."""
LOOK_SECONDS: Final = 0.1


@contextmanager
def end_in_time(seconds: float, ending: Callable[[], bool]) -> Generator[None, None, None]:
    """End the program by force where it has not ended `seconds` after `ending` became true: a store hangs.

    What was answered is on disk by then, and what was not is undone by the store.
    """
    done = threading.Event()

    def watch() -> None:
        left = seconds
        while not done.wait(LOOK_SECONDS):
            left -= LOOK_SECONDS if ending() else 0.0
            if left <= 0:
                logger().warning("ended_by_force", seconds=seconds)
                os._exit(1)

    threading.Thread(target=watch, name="end in time", daemon=True).start()
    try:
        yield
    finally:
        done.set()
