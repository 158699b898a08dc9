# ruff: noqa: D101, N818  (what a refusal means is said once, in `billing/refusals.py`; these are answers, not exceptions)
"""Every refusal as the schema tells it: one type for each class of `billing.refusals`, with the same facts."""

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, TypeAlias, TypeVar, cast, dataclass_transform

from strawberry import ID

from billing import ending_refusals, invoice_refusals, payment_refusals, refusals
from billing.actions import Closed
from billing.entitlements.reservations import ReservationState
from billing.entitlements.sources import Aggregation, FeatureKind
from billing.invoicing.invoices import InvoiceStatus
from billing.lifecycle import Action, ChangeStatus
from models.choices import JobState
from schema.promise import about, interface_type, object_type

T = TypeVar("T")

_PAIRS: Final[dict[type[refusals.Refusal], type["UserError"]]] = {}
PAIRS: Final[Mapping[type[refusals.Refusal], type["UserError"]]] = MappingProxyType(_PAIRS)
"""Which type tells which refusal."""


@interface_type
class UserError:
    """A request that was understood and cannot be done as asked. Nothing was written and nothing was sent."""

    message: str = about("What was wrong and what to do, in English, for developers.")
    code: str = about("The stable name of the refusal, in capitals.")
    field: str | None = about("Which argument it is about, where it is about one.")


@dataclass_transform(kw_only_default=True, field_specifiers=(about,))
def tells(refusal: type[refusals.Refusal]) -> Callable[[type[T]], type[T]]:
    """Pair a type with the refusal that it tells; its description is the refusal's own."""

    def pair(cls: type[T]) -> type[T]:
        cls.__doc__ = refusal.__doc__
        made = object_type(cls)
        _PAIRS[refusal] = cast("type[UserError]", made)
        return made

    return pair


def told_of(refusal: refusals.Refusal) -> UserError:
    """Tell a refusal with all its facts."""
    facts = {name: _told(fact) for name, fact in refusal.facts().items()}
    pair: Any = PAIRS[type(refusal)]
    for name, closed in _CLOSED_SETS.get(type(refusal), {}).items():
        facts[name] = next((value for value in closed if value == facts[name]), None)
    told: UserError = pair(message=refusal.message, code=refusal.code, field=refusal.field, **facts)
    return told


def _told(fact: object) -> object:
    if isinstance(fact, refusals.CatalogProblem):
        return CatalogProblem.of(fact)
    return [_told(each) for each in cast("tuple[object, ...]", fact)] if isinstance(fact, tuple) else fact


_CLOSED_SETS: Final[Mapping[type[refusals.Refusal], Mapping[str, type[StrEnum]]]] = {
    refusals.ActionNotAllowed: {"action": Action, "reason_code": Closed},
    refusals.AlreadyApplied: {"status": ChangeStatus},
    refusals.FeatureNotMetered: {"kind": FeatureKind},
    refusals.FeatureNotSummed: {"aggregation": Aggregation},
    payment_refusals.InvoiceNotOpen: {"invoice_status": InvoiceStatus},
    refusals.ReservationEnded: {"state": ReservationState},
    refusals.JobEnded: {"outcome": JobState},
    invoice_refusals.InvoiceNotDraft: {"invoice_status": InvoiceStatus},
    invoice_refusals.InvoiceNotSendable: {"invoice_status": InvoiceStatus},
    invoice_refusals.InvoiceNotFinal: {"invoice_status": InvoiceStatus},
    invoice_refusals.InvoiceCannotMove: {"invoice_status": InvoiceStatus},
}
"""Facts that the engine names in plain words and that are values of a closed set."""


@tells(refusals.NotFound)
class NotFound(UserError):
    what: str = about("Which kind of object was looked for.")


@tells(refusals.InvalidInput)
class InvalidInput(UserError): ...


@tells(refusals.AmountOutOfRange)
class AmountOutOfRange(UserError):
    scale: int | None = about("How many decimals the feature's amounts have, where that is known.")


@tells(refusals.DateOutOfRange)
class DateOutOfRange(UserError):
    earliest: datetime | None = about("The instant must be after this one.")
    latest: datetime | None = about("The instant must not be after this one.")


@tells(refusals.ScopeMissing)
class ScopeMissing(UserError):
    scope: str = about("The scope that is needed.")


@tells(refusals.MerchantOnly)
class MerchantOnly(UserError): ...


@tells(refusals.ActorRequired)
class ActorRequired(UserError): ...


@tells(refusals.ActionNotAllowed)
class ActionNotAllowed(UserError):
    action: Action | None = about("The action that was asked for.")
    reason_code: Closed | None = about("Why it is not open.")
    instructions: str | None = about("The merchant's text for the customer: what to do instead.")


@tells(refusals.IdempotencyConflict)
class IdempotencyConflict(UserError): ...


@tells(refusals.IdempotencyInProgress)
class IdempotencyInProgress(UserError): ...


@tells(refusals.TemporarilyUnavailable)
class TemporarilyUnavailable(UserError): ...


@tells(refusals.AlreadyExists)
class AlreadyExists(UserError):
    id: ID = about("The object that has the key.")


@tells(refusals.AlreadySubscribed)
class AlreadySubscribed(UserError):
    subscription_id: ID = about("The live subscription.")


@tells(refusals.CustomerArchived)
class CustomerArchived(UserError): ...


@tells(refusals.CustomerHasLiveSubscriptions)
class CustomerHasLiveSubscriptions(UserError):
    subscription_ids: list[ID] = about("The subscriptions to cancel first.")


@tells(refusals.PlanNotAvailable)
class PlanNotAvailable(UserError):
    reason: str = about("Why the plan cannot be subscribed to.")


@tells(refusals.PriceNotAvailable)
class PriceNotAvailable(UserError):
    available: list[str] = about("The currencies and intervals in which the plan has a price.")


@tells(refusals.CurrencyMismatch)
class CurrencyMismatch(UserError):
    currency: str = about("The ISO 4217 code of the currency that is held.")


@tells(refusals.AddOnNotCompatible)
class AddOnNotCompatible(UserError):
    compatible: list[str] = about("The keys of the add-ons that the plan takes.")


@tells(refusals.TrialAlreadyUsed)
class TrialAlreadyUsed(UserError): ...


@tells(refusals.NothingChanges)
class NothingChanges(UserError): ...


@tells(refusals.NotADowngrade)
class NotADowngrade(UserError):
    current_rank: int = about("The rank of the present plan.")
    target_rank: int = about("The rank of the plan that was asked for.")


@tells(refusals.ChangeRefused)
class ChangeRefused(UserError):
    rule: str = about("The name of the rule that refuses it; `default` is what holds where no other speaks for it.")


@tells(refusals.CancellationPending)
class CancellationPending(UserError):
    effective_at: datetime | None = about("When the pending cancellation takes effect.")


@tells(refusals.ChangePending)
class ChangePending(UserError):
    applies_at: datetime | None = about("When the first of the pending changes takes effect.")


@tells(refusals.MovedMeanwhile)
class MovedMeanwhile(UserError): ...


@tells(refusals.JobEnded)
class JobEnded(UserError):
    outcome: JobState | None = about("How it ended.")


@tells(refusals.NoCancellationPending)
class NoCancellationPending(UserError): ...


@tells(ending_refusals.RefundAlreadyMade)
class RefundAlreadyMade(UserError): ...


@tells(refusals.AlreadyEnded)
class AlreadyEnded(UserError):
    ended_at: datetime | None = about("When the subscription ended.")


@tells(refusals.SubscriptionEnded)
class SubscriptionEnded(UserError):
    ended_at: datetime | None = about("When the subscription ended.")


@tells(refusals.AlreadyApplied)
class AlreadyApplied(UserError):
    status: ChangeStatus | None = about("What became of the change.")


@tells(refusals.FeatureNotMetered)
class FeatureNotMetered(UserError):
    kind: FeatureKind | None = about("What sort of feature it is.")


@tells(refusals.FeatureArchived)
class FeatureArchived(UserError): ...


@tells(refusals.ResourceRequired)
class ResourceRequired(UserError):
    resources: list[str] = about("The resources to choose from.")


@tells(refusals.TooManyBuckets)
class TooManyBuckets(UserError):
    most: int = about("How many one answer may have.")


@tells(refusals.HistoryNotKept)
class HistoryNotKept(UserError):
    kept_since: datetime | None = about("The earliest instant that can be asked about.")


@tells(refusals.CouponArchived)
class CouponArchived(UserError):
    archived_at: datetime | None = about("Since when it is archived.")


@tells(refusals.CouponExpired)
class CouponExpired(UserError):
    expired_at: datetime | None = about("Until when it could be redeemed.")


@tells(refusals.CouponExhausted)
class CouponExhausted(UserError):
    maximum: int = about("How often it could be redeemed in all.")


@tells(refusals.CouponNotForProduct)
class CouponNotForProduct(UserError):
    product_ids: list[ID] = about("The products that it is for.")


@tells(refusals.CouponCurrencyMismatch)
class CouponCurrencyMismatch(UserError):
    currencies: list[str] = about("The ISO 4217 codes of the currencies in which it has an amount.")


@tells(refusals.CouponNotForCustomer)
class CouponNotForCustomer(UserError): ...


@tells(refusals.FirstPurchaseOnly)
class FirstPurchaseOnly(UserError): ...


@tells(refusals.AlreadyDiscounted)
class AlreadyDiscounted(UserError):
    discount_id: ID = about("The discount that runs.")


@tells(refusals.ReturnUrlNotAllowed)
class ReturnUrlNotAllowed(UserError): ...


@tells(refusals.TestClockNeeded)
class TestClockNeeded(UserError): ...


@object_type
class CatalogProblem:
    """One thing that is wrong with a catalog's document."""

    message: str = about("What is wrong and what to do, in English.")
    line: int | None = about("The line of the document, from 1; null where it is about no line.")
    path: str = about("Where it is, as the document nests it: `plans.team.prices.0.amount`; empty for the whole.")

    @classmethod
    def of(cls, problem: refusals.CatalogProblem) -> "CatalogProblem":
        """Tell a problem."""
        return cls(message=problem.message, line=problem.line, path=problem.path)


@tells(refusals.CatalogInvalid)
class CatalogInvalid(UserError):
    problems: list[CatalogProblem] = about("Where the catalog is wrong and why, in the order of lines; at most 101.")


@tells(refusals.CatalogMoved)
class CatalogMoved(UserError):
    what: str = about("Which is another than was looked at: ENVIRONMENT or DOCUMENT.")
    digest: str = about("The digest of the plan as it would be now.")


@tells(refusals.FeatureInUse)
class FeatureInUse(UserError):
    live: int = about("How many live subscriptions have it, or will by a pending change.")
    plans: list[str] = about("The plans and add-ons on sale that give it, by key.")


AnyAct: TypeAlias = (
    NotFound
    | InvalidInput
    | ScopeMissing
    | MerchantOnly
    | ActorRequired
    | IdempotencyConflict
    | IdempotencyInProgress
    | TemporarilyUnavailable
)
"""What every mutation can refuse with."""

AnyQuestion: TypeAlias = NotFound | InvalidInput | ScopeMissing | MerchantOnly
"""What every query that answers a union can refuse with."""

TOLD_OF_ROWS: Final = (ChangePending, MovedMeanwhile)
"""What is told of a row of an answer only, by the interface, and so stands in no union."""

ChangeRefusal: TypeAlias = (
    ActionNotAllowed
    | RefundAlreadyMade
    | SubscriptionEnded
    | CancellationPending
    | ChangeRefused
    | NothingChanges
    | PlanNotAvailable
    | PriceNotAvailable
    | CurrencyMismatch
    | AddOnNotCompatible
    | DateOutOfRange
)
"""What a change of a subscription can be refused with, beyond what every call can."""

DiscountRefusal: TypeAlias = (
    CouponArchived
    | CouponExpired
    | CouponExhausted
    | CouponNotForProduct
    | CouponCurrencyMismatch
    | CouponNotForCustomer
    | FirstPurchaseOnly
)
"""What a new discount can be refused with, beyond what every act can."""

CreateRefusal: TypeAlias = (
    DiscountRefusal
    | CustomerArchived
    | AlreadySubscribed
    | AlreadyExists
    | PlanNotAvailable
    | PriceNotAvailable
    | CurrencyMismatch
    | AddOnNotCompatible
    | TrialAlreadyUsed
    | DateOutOfRange
)
"""What a new subscription can be refused with, beyond what every act can."""
