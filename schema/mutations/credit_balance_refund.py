"""Paying credit out."""

from typing import Annotated, TypeAlias

import strawberry
from strawberry import UNSET

from resolvers import checks
from resolvers.credit_balance_refund import CreditBalanceRefund, refund_balance
from resolvers.credit_balance_refund import CreditBalanceRefunded as Outcome
from schema.answers import answer, perform
from schema.info import Info
from schema.inputs import CustomerRef
from schema.objects.money import Money
from schema.objects.payment import Refund
from schema.payment_refusals import NothingToRefund, RefundTooLarge
from schema.promise import ACTOR, IDEMPOTENCY_KEY, INPUT, REPLAYED, about, input_type, mutation, object_type, part_type
from schema.refusals import AmountOutOfRange, AnyAct
from schema.scalars import Amount
from schema.texts import actor, comment, given, idempotency_key


@input_type
class CreditBalanceRefundInput:
    """Credit that is paid out."""

    customer: CustomerRef = about("The customer.")
    currency: str = about("The ISO 4217 code of the credit's currency.")
    amount: Amount | None = about("How much, in whole units of the currency; all of it unless said.", default=UNSET)
    reason: str | None = about("What to note, at most 1000 characters.", default=UNSET)
    idempotency_key: str | None = about(IDEMPOTENCY_KEY, default=UNSET)
    actor: str | None = about(ACTOR, default=UNSET)

    def to_command(self) -> CreditBalanceRefund:
        """Check every value."""
        return CreditBalanceRefund(
            customer=self.customer.to_ref(),
            currency=checks.currency(self.currency) or "",
            amount=given(self.amount),
            reason=comment(self.reason, "reason") or "",
            idempotency_key=idempotency_key(self.idempotency_key),
            actor=actor(self.actor),
        )


@object_type
class CreditBalanceRefunded:
    """Credit goes back to where it was paid from."""

    refunds: list[Refund] = about("The refunds, of the newest payment first; they may still be on their way.")
    balance: Money = about("The credit that was left by it.")
    replayed: bool = about(REPLAYED)

    @classmethod
    def of(cls, outcome: Outcome) -> "CreditBalanceRefunded":
        """Show what was done."""
        return cls(
            refunds=[Refund.of(each) for each in outcome.refunds],
            balance=Money.of(outcome.balance.minor, outcome.balance.currency),
            replayed=outcome.replayed,
        )


CreditBalanceRefundAnswer: TypeAlias = Annotated[
    CreditBalanceRefunded | AnyAct | AmountOutOfRange | NothingToRefund | RefundTooLarge,
    strawberry.union(
        "CreditBalanceRefundAnswer",
        description="What `creditBalanceRefund` answers: what was done, or how it was refused.",
    ),
]


@part_type
class CreditBalanceRefundMutation:
    """The act as a root field."""

    @mutation
    async def credit_balance_refund(
        self, info: Info, input: Annotated[CreditBalanceRefundInput, INPUT]
    ) -> CreditBalanceRefundAnswer:
        """Pay a customer's credit out to the payments that came in, the newest first. (C7)"""
        return await answer(
            CreditBalanceRefundAnswer, CreditBalanceRefunded.of, perform(refund_balance, info.context, input)
        )
