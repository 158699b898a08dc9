"""What an answer rests on: whose rows were read for it, and until when time alone changes nothing. (ADR 24)

Every read of a call is noted when it begins; whoever reads says afterwards what was found to rest on. A read about
which nobody said that, or that failed, leaves an answer that is not kept: what was forgotten is read anew, never stale.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias, TypeVar

from billing.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from models.paging import Page
    from models.snapshots import Stand
    from models.views import CustomerView, SubscriptionView
    from resolvers.deciding import DecisionsRead
    from resolvers.loaders import EntitlementsOf, SubscriptionsOf

T = TypeVar("T")


class Rests(NamedTuple):
    """Rows of the environment's catalog and settings, and of these customers; `until` as long as nothing happens.

    `stands` says where the sequences stood for what may be of memory: that may be older than what was read beside it.
    """

    customers: frozenset[str] = frozenset()
    until: datetime | None = None
    stands: frozenset[Stand] = frozenset()


About: TypeAlias = "Callable[[T], Rests | None]"
"""Says of what was found what it rests on; None where it is not to be kept."""
ON_THE_CATALOG: Final = Rests()


def of_the_catalog(_found: object) -> Rests:
    """Nobody's rows but the environment's: plans, prices, features, whatever was found of them or not."""
    return ON_THE_CATALOG


def of_subscriptions(views: Iterable[SubscriptionView]) -> Rests:
    """Subscriptions as of an instant, up to the next one at which one of them changes by itself."""
    found = list(views)
    return Rests(frozenset(each.customer_id for each in found), earliest(each.due_at for each in found))


def of_decisions(read: DecisionsRead) -> Rests | None:
    """Decisions; None of those that are not kept."""
    if read.stand is None:
        return None
    return Rests(frozenset((read.stand.customer_id,)), read.until, frozenset((read.stand,)))


def catalog_found(_keys: object, _found: object) -> Rests:
    """As `of_the_catalog`, of what a loader found by its keys."""
    return ON_THE_CATALOG


def customers_found(keys: Sequence[str], found: Mapping[str, CustomerView]) -> Rests | None:
    """Those that were found; where somebody was not, nothing tells when there is such a one."""
    return Rests(frozenset(each.id for each in found.values())) if len(found) == len(keys) else None


def decisions_found(keys: Sequence[EntitlementsOf], found: Mapping[EntitlementsOf, DecisionsRead]) -> Rests | None:
    """Decisions about several customers."""
    return all_of(of_decisions(found[each]) if each in found else None for each in keys)


def subscriptions_found(keys: Sequence[str], found: Mapping[str, SubscriptionView]) -> Rests | None:
    """Subscriptions by their ids."""
    return of_subscriptions(found.values()) if len(found) == len(keys) else None


def pages_found(
    keys: Sequence[SubscriptionsOf], found: Mapping[SubscriptionsOf, Page[SubscriptionView]]
) -> Rests | None:
    """Pages of the subscriptions of several customers."""
    of = (of_subscriptions(page.views) for page in found.values())
    owners = Rests(frozenset(each.customer_id for each in keys))
    return all_of((owners, *of)) if len(found) == len(keys) else None


def all_of(parts: Iterable[Rests | None]) -> Rests | None:
    """Everything that several rest on; None where one of them is not to be kept."""
    found = Grounds()
    for each in parts:
        found.begin()
        found.end(each)
    return None if found.owed else Rests(frozenset(found.customers), found.until, frozenset(found.stands))


def earliest(instants: Iterable[datetime | None]) -> datetime | None:
    """The first of some instants; None where none is known."""
    return min((each for each in instants if each is not None), default=None)


@dataclass(slots=True)
class Grounds:
    """What the answer of one call rests on so far; `owed` counts the reads of which nobody said it yet."""

    customers: set[str] = field(default_factory=set[str])
    stands: set[Stand] = field(default_factory=set["Stand"])
    until: datetime | None = None
    owed: int = 0

    def begin(self) -> None:
        """Note that a read begins."""
        self.owed += 1

    def end(self, rests: Rests | None) -> None:
        """Hear what was found to rest on."""
        if rests is not None:
            self.owed -= 1
            self.customers |= rests.customers
            self.stands |= rests.stands
            self.until = earliest((self.until, rests.until))
