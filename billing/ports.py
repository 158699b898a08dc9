"""What Plangate asks of whoever moves money, one small protocol for every provider, and of whoever takes mails. (K5)

A provider keeps its own books under the keys that it is given: asked again under a key, it does nothing again and
answers what became of the first.
"""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from billing.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from billing.money import Money


class Outcome(StrEnum):
    """What a provider says of a charge or a refund."""

    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    NEEDS_ACTION = "NEEDS_ACTION"
    PENDING = "PENDING"


@dataclass(frozen=True, slots=True)
class Asked:
    """Which charge or refund is meant: its key in an environment's books, and the instant at which it is asked."""

    environment_id: str
    key: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ChargeAsked:
    """An amount to collect by a payment method; `attempt` counts how often this was tried, from 1."""

    asked: Asked
    method: str
    amount: Money
    attempt: int


@dataclass(frozen=True, slots=True)
class RefundAsked:
    """An amount to give back of the charge with the key `charge`."""

    asked: Asked
    charge: str
    amount: Money


@dataclass(frozen=True, slots=True)
class ChargeAnswer:
    """How a charge stands. `code` says why it failed, `url` where the customer confirms it.

    `disputed` is how much of it the customer's bank has taken back, in minor units. `look_at` is when to ask again, for
    a provider that does not tell by itself; None where nothing more is to be expected.
    """

    outcome: Outcome
    code: str = ""
    url: str = ""
    disputed: int = 0
    look_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RefundAnswer:
    """How a refund stands: never NEEDS_ACTION."""

    outcome: Outcome
    code: str = ""
    look_at: datetime | None = None


class Gateway(Protocol):
    """A payment provider. Its calls may take long and may fail; they are made outside of every transaction."""

    async def label(self, method: str) -> str | None:
        """What the owner of a payment method knows it by, like "Visa 4242"; None where there is no such method."""
        ...

    async def charge(self, charge: ChargeAsked) -> ChargeAnswer:
        """Collect, once for each key."""
        ...

    async def refund(self, refund: RefundAsked) -> RefundAnswer:
        """Give back, once for each key."""
        ...

    async def status(self, asked: Asked) -> ChargeAnswer | None:
        """How the charge of a key stands at an instant; None where no such charge was ever asked for."""
        ...


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail of plain text to one address. `key` is the same each time that it is sent."""

    key: str
    to: str
    subject: str
    text: str
    language: str
    at: datetime


class Mailer(Protocol):
    """Whoever takes mails. Called outside of every transaction, at least once for each mail."""

    async def send(self, mail: Mail) -> None:
        """Take a mail; raises where that failed, and it is tried again."""
        ...


class Simulation(StrEnum):
    """What a gateway that moves no money can be told to have happened."""

    CONFIRMED = "CONFIRMED"
    REJECTED = "REJECTED"
    DISPUTED = "DISPUTED"


SIMULATION_MEANINGS: Mapping[Simulation, str] = MappingProxyType(
    {
        Simulation.CONFIRMED: "The customer confirms it, or the bank that was slow settles it.",
        Simulation.REJECTED: "The customer, or the bank that was slow, rejects it.",
        Simulation.DISPUTED: "The customer's bank takes it back, or a part of it.",
    },
)


@runtime_checkable
class Rehearsing(Gateway, Protocol):
    """A gateway that moves no money: for TEST environments alone, and what happens outside can be played."""

    async def simulate(self, asked: Asked, what: Simulation, amount: int | None) -> bool:
        """Let something happen to the charge of a key, once; False where it cannot happen to it."""
        ...
