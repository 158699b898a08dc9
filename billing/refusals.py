"""Every refusal by name: what was wrong, which argument, and the facts needed to act. Nothing was written.

A refusal is raised below and becomes data at the edge: `schema/refusals.py` pairs each class with its GraphQL type.
"""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from billing.dataclass import dataclass

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(slots=True)
class Refusal(Exception):  # noqa: N818  (a refusal is an answer, not an error)
    """A request that cannot be done as asked: a stable `code`, what to do about it, and the argument meant."""

    message: str
    field: str | None = None

    def __post_init__(self) -> None:
        """Give the plain exception its text."""
        Exception.__init__(self, self.message)

    @property
    def code(self) -> str:
        """The stable name: NOT_A_DOWNGRADE for NotADowngrade."""
        return "".join(f"_{c}" if c.isupper() and i else c for i, c in enumerate(type(self).__name__)).upper()

    def facts(self) -> dict[str, object]:
        """What this refusal says beyond message and field."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name not in ("message", "field")}


@dataclass(slots=True)
class NotFound(Refusal):
    """No such object for this credential; another's object is answered in the same words. `what` names the kind."""

    what: str = ""


@dataclass(slots=True)
class InvalidInput(Refusal):
    """An argument has the right type and an impossible value."""


@dataclass(slots=True)
class AmountOutOfRange(Refusal):
    """An amount has too many decimals for its feature, is beyond 2^62 units, or is not above zero where it must be."""

    scale: int | None = None


@dataclass(slots=True)
class DateOutOfRange(Refusal):
    """An instant is before `earliest` or after `latest`."""

    earliest: datetime | None = None
    latest: datetime | None = None


@dataclass(slots=True)
class ScopeMissing(Refusal):
    """The credential is valid and lacks the scope that this needs."""

    scope: str = ""


@dataclass(slots=True)
class MerchantOnly(Refusal):
    """Only a secret key may do this, or pass this argument."""


@dataclass(slots=True)
class ActorRequired(Refusal):
    """This environment wants every merchant call to name its human (`actor`)."""


@dataclass(slots=True)
class ActionNotAllowed(Refusal):
    """This action is not open now; `instructions` is the merchant's text for the customer. (P14-P17)"""

    action: str = ""
    reason_code: str = ""
    instructions: str | None = None


@dataclass(slots=True)
class IdempotencyConflict(Refusal):
    """The idempotency key was used before with another input."""


@dataclass(slots=True)
class IdempotencyInProgress(Refusal):
    """The first call with this idempotency key is still running; ask again shortly."""


@dataclass(slots=True)
class TemporarilyUnavailable(Refusal):
    """The store could not take the call now, or did not confirm it: send it again under the same idempotency key."""


@dataclass(slots=True)
class AlreadyExists(Refusal):
    """An object with this key exists; `id` names it."""

    id: str = ""


@dataclass(slots=True)
class AlreadySubscribed(Refusal):
    """The customer has a live subscription of this product (and resource)."""

    subscription_id: str = ""


@dataclass(slots=True)
class CustomerArchived(Refusal):
    """The customer is archived and takes no new subscriptions, usage or sessions."""


@dataclass(slots=True)
class CustomerHasLiveSubscriptions(Refusal):
    """A customer with live subscriptions is not archived: cancel them first."""

    subscription_ids: tuple[str, ...] = ()


@dataclass(slots=True)
class PlanNotAvailable(Refusal):
    """The plan is not for sale here: archived, an add-on, or custom-priced and sold by the merchant only."""

    reason: str = ""


@dataclass(slots=True)
class PriceNotAvailable(Refusal):
    """The plan has no price in this currency and interval; `available` lists what it has."""

    available: tuple[str, ...] = ()


@dataclass(slots=True)
class CurrencyMismatch(Refusal):
    """Nothing is ever converted: the subscription or customer is held in `currency`."""

    currency: str = ""


@dataclass(slots=True)
class AddOnNotCompatible(Refusal):
    """The plan does not take this add-on; `compatible` lists those that it takes."""

    compatible: tuple[str, ...] = ()


@dataclass(slots=True)
class TrialAlreadyUsed(Refusal):
    """One trial per customer and product, also after the empty plan. (S7)"""


@dataclass(slots=True)
class NothingChanges(Refusal):
    """What is asked for is what is there."""


@dataclass(slots=True)
class NotADowngrade(Refusal):
    """The plan is not below the present one: its rank, or at equal rank its price per day, says so. (S6)"""

    current_rank: int = 0
    target_rank: int = 0


@dataclass(slots=True)
class ChangeRefused(Refusal):
    """The environment's change rules do not offer this move; `rule` is the one that refuses it. (S6)"""

    rule: str = ""


@dataclass(slots=True)
class CancellationPending(Refusal):
    """A cancellation is pending: undo it, or pass `undoCancellation: true` to change the plan instead. (S6)"""

    effective_at: datetime | None = None


@dataclass(slots=True)
class ChangePending(Refusal):
    """A change of plan or quantity is pending; a plan migration leaves it as it is unless it is told to replace it."""

    applies_at: datetime | None = None


@dataclass(slots=True)
class MovedMeanwhile(Refusal):
    """The subscription is not on the plan, or not at the version, any more from which the migration moves."""


@dataclass(slots=True)
class JobEnded(Refusal):
    """The job has ended, as `outcome` says: there is nothing to stop."""

    outcome: str = ""


@dataclass(slots=True)
class NoCancellationPending(Refusal):
    """There is no pending cancellation to undo."""


@dataclass(slots=True)
class AlreadyEnded(Refusal):
    """The subscription has ended; it is never reactivated. Make a new one. (K14, C16)"""

    ended_at: datetime | None = None


@dataclass(slots=True)
class SubscriptionEnded(Refusal):
    """After the end only cancellation details and metadata may change. (C3)"""

    ended_at: datetime | None = None


@dataclass(slots=True)
class AlreadyApplied(Refusal):
    """The scheduled change has taken effect or was replaced, and cannot be undone."""

    status: str = ""


@dataclass(slots=True)
class FeatureNotMetered(Refusal):
    """Usage and allowances of amounts exist for metered features only."""

    kind: str = ""


@dataclass(slots=True)
class FeatureNotSummed(Refusal):
    """Of this feature the largest or the latest value counts, and nothing is taken: tell it by `usageReport`."""

    aggregation: str = ""


@dataclass(slots=True)
class FeatureArchived(Refusal):
    """The feature is archived: it takes no usage, grants or overrides."""


@dataclass(slots=True)
class ResourceRequired(Refusal):
    """Several resources of the customer have this feature: name one of `resources`."""

    resources: tuple[str, ...] = ()


@dataclass(slots=True)
class ReservationExpired(Refusal):
    """The reservation's time was over at `expired_at`; it is neither settled nor released any more."""

    expired_at: datetime | None = None


@dataclass(slots=True)
class ReservationEnded(Refusal):
    """The reservation was settled or released before; `state` says which."""

    state: str = ""


@dataclass(slots=True)
class TooManyBuckets(Refusal):
    """The span has more than `most` buckets of this size: ask for a shorter span or larger buckets."""

    most: int = 0


@dataclass(slots=True)
class HistoryNotKept(Refusal):
    """The instant is before the horizon to which usage history is kept."""

    kept_since: datetime | None = None


@dataclass(slots=True)
class CouponArchived(Refusal):
    """The coupon or promotion code is archived: it gives no more discounts, and those that run go on."""

    archived_at: datetime | None = None


@dataclass(slots=True)
class CouponExpired(Refusal):
    """The coupon or promotion code could be redeemed until `expired_at`."""

    expired_at: datetime | None = None


@dataclass(slots=True)
class CouponExhausted(Refusal):
    """The coupon or promotion code was redeemed `maximum` times, which is as often as it can be."""

    maximum: int = 0


@dataclass(slots=True)
class CouponNotForProduct(Refusal):
    """The coupon is for other products, which `product_ids` names."""

    product_ids: tuple[str, ...] = ()


@dataclass(slots=True)
class CouponCurrencyMismatch(Refusal):
    """The coupon takes off an amount and has none in this currency; `currencies` lists those that it has."""

    currencies: tuple[str, ...] = ()


@dataclass(slots=True)
class CouponNotForCustomer(Refusal):
    """The promotion code was made for another customer."""


@dataclass(slots=True)
class FirstPurchaseOnly(Refusal):
    """The promotion code is for a first purchase, and the customer was asked for money before."""


@dataclass(slots=True)
class AlreadyDiscounted(Refusal):
    """The customer, or the subscription, has a discount: discounts do not add up. Remove that one first."""

    discount_id: str = ""


@dataclass(slots=True)
class ReturnUrlNotAllowed(Refusal):
    """The address is not on the environment's list of return addresses."""


@dataclass(slots=True)
class TestClockNeeded(Refusal):
    """Only a TEST environment on a test clock can move its time."""


@dataclass(frozen=True, slots=True)
class CatalogProblem:
    """One thing that is wrong with a catalog: where, as the document nests it, and at which line where that is known.

    As a text it is what a person at a terminal reads: "file:line: reason".
    """

    message: str
    path: str = ""
    line: int | None = None
    file: str = ""

    def __str__(self) -> str:
        """Say where and what."""
        place = f"{self.file}:{self.line}" if self.line is not None else self.file or self.path
        return f"{place}: {self.message}" if place else self.message


@dataclass(slots=True)
class CatalogInvalid(Refusal):
    """The catalog was refused as a whole; `problems` says where and why. Nothing was changed."""

    problems: tuple[CatalogProblem, ...] = ()


@dataclass(slots=True)
class CatalogMoved(Refusal):
    """The digest is of another plan: the catalog, or what is asked for, is not what was looked at. Plan again.

    `what` says which: ENVIRONMENT or DOCUMENT; `digest` is that of the plan as it would be now.
    """

    what: str = ""
    digest: str = ""


@dataclass(slots=True)
class FeatureInUse(Refusal):
    """Live subscriptions have the feature, or will, or plans on sale give it. Publish plans without it first."""

    live: int = 0
    plans: tuple[str, ...] = ()
