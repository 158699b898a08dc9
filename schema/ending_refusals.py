# ruff: noqa: D101, N818  (what a refusal means is said once, in `billing/ending_refusals.py`; these are answers)
"""Every refusal of an end as the schema tells it."""

from datetime import datetime
from typing import TypeAlias

from billing import ending_refusals
from schema.payment_refusals import NothingToRefund
from schema.promise import about
from schema.refusals import (
    ActionNotAllowed,
    AlreadyEnded,
    ChangeRefusal,
    DateOutOfRange,
    NoCancellationPending,
    RefundAlreadyMade,
    UserError,
    tells,
)


@tells(ending_refusals.RefundNeedsImmediateEnd)
class RefundNeedsImmediateEnd(UserError): ...


@tells(ending_refusals.NothingUnused)
class NothingUnused(UserError): ...


@tells(ending_refusals.RefundOrCredit)
class RefundOrCredit(UserError): ...


@tells(ending_refusals.AccessOrMoney)
class AccessOrMoney(UserError): ...


@tells(ending_refusals.AccessOrPlan)
class AccessOrPlan(UserError): ...


@tells(ending_refusals.AccessNeedsImmediateEnd)
class AccessNeedsImmediateEnd(UserError): ...


@tells(ending_refusals.ProrationUnavoidable)
class ProrationUnavoidable(UserError):
    period_start: datetime | None = about("When the period begins that the date shortens.")


@tells(ending_refusals.NotAReplacement)
class NotAReplacement(UserError):
    why: ending_refusals.Unfit | None = about("What it is instead.")


TermsRefusal: TypeAlias = (
    DateOutOfRange | NothingUnused | RefundNeedsImmediateEnd | RefundOrCredit | AccessOrMoney | AccessNeedsImmediateEnd
)
"""What the terms of a cancellation can be refused with, whatever it is about."""
CancelRefusal: TypeAlias = (
    ActionNotAllowed
    | AlreadyEnded
    | AccessOrPlan
    | ProrationUnavoidable
    | RefundAlreadyMade
    | NothingToRefund
    | TermsRefusal
)
"""What a cancellation can be refused with, beyond what every call can."""

UndoRefusal: TypeAlias = ActionNotAllowed | AlreadyEnded | NoCancellationPending | RefundAlreadyMade
"""What taking a cancellation back can be refused with, beyond what every call can."""

BilledChangeRefusal: TypeAlias = ChangeRefusal | NothingUnused | ProrationUnavoidable
"""What a change that may say what becomes of billed time can be refused with, beyond what every call can."""
