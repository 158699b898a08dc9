"""A subscription as far as what it gives follows from it: `Facts` are one; so is what is read where nothing is due."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from billing.calendar import Interval, Period
    from billing.instalments import Instalments
    from billing.lifecycle import Status


class Item(Protocol):
    """How many of a plan or add-on."""

    @property
    def plan_version_id(self) -> str:
        """Which version."""
        ...

    @property
    def quantity(self) -> int:
        """How many."""
        ...

    @property
    def add_on(self) -> bool:
        """Whether it is an add-on."""
        ...


class Subscribed(Protocol):
    """What access, the period of counters and the sources of entitlements are made of, as of an instant."""

    @property
    def id(self) -> str:
        """Which."""
        ...

    @property
    def status(self) -> Status:
        """Where it is in its life."""
        ...

    @property
    def live(self) -> bool:
        """Whether it has not ended."""
        ...

    @property
    def plan_version_id(self) -> str:
        """The plan."""
        ...

    @property
    def items(self) -> Collection[Item]:
        """The plan and the add-ons."""
        ...

    @property
    def quantity(self) -> int:
        """How many of the plan."""
        ...

    @property
    def anchor(self) -> datetime:
        """What periods are counted from."""
        ...

    @property
    def interval(self) -> Interval:
        """How long they are."""
        ...

    @property
    def zone(self) -> ZoneInfo:
        """By whose calendar."""
        ...

    @property
    def period(self) -> Period:
        """The one that it is in."""
        ...

    @property
    def trial_end(self) -> datetime | None:
        """When its trial ends."""
        ...

    @property
    def ended_at(self) -> datetime | None:
        """When it ended."""
        ...

    @property
    def access_until(self) -> datetime | None:
        """Until when it gives after that."""
        ...

    @property
    def grace_until(self) -> datetime | None:
        """Until when it gives though it is past due."""
        ...

    @property
    def instalments(self) -> Instalments | None:
        """What was agreed, where it is paid in parts."""
        ...

    @property
    def due_at(self) -> datetime | None:
        """When time changes it next, or it is looked at."""
        ...
