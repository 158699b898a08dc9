"""The one place that reads the machine's clock. Everything below is told the instant."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from billing.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable


class Clock(Protocol):
    """What says the real time; asked once per request or worker step."""

    def now(self) -> datetime:
        """Answer the present: aware, UTC, to the microsecond."""
        ...

    def stopwatch(self) -> Callable[[], timedelta]:
        """Start measuring; what is returned answers the time since then."""
        ...


class SystemClock:
    """The machine's clock; durations come from one that never jumps."""

    def now(self) -> datetime:
        """Answer the machine's present."""
        return datetime.now(UTC)

    def stopwatch(self) -> Callable[[], timedelta]:
        """Start measuring real time."""
        began = time.monotonic_ns()
        return lambda: timedelta(microseconds=(time.monotonic_ns() - began) // 1_000)


@dataclass(slots=True)
class FixedClock:
    """A clock for tests: it stands until it is moved."""

    at: datetime

    def now(self) -> datetime:
        """Answer where it stands."""
        return self.at

    def stopwatch(self) -> Callable[[], timedelta]:
        """Measure how far it is moved."""
        began = self.at
        return lambda: self.at - began

    def move(self, by: timedelta) -> None:
        """Let time pass."""
        self.at += by
