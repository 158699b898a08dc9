"""Giving credit."""

from typing import Annotated, TypeAlias

import strawberry
from strawberry import UNSET

from resolvers import checks
from resolvers.credit_grant import CreditGrant, grant_credit
from resolvers.credit_grant import CreditGranted as Outcome
from schema.answers import answer, perform
from schema.info import Info
from schema.inputs import CustomerRef, MoneyInput
from schema.objects.credit_entry import CreditEntry
from schema.promise import ACTOR, IDEMPOTENCY_KEY, INPUT, REPLAYED, about, input_type, mutation, object_type, part_type
from schema.refusals import AmountOutOfRange, AnyAct, CustomerArchived
from schema.texts import actor, idempotency_key, optional_text


@input_type
class CreditGrantInput:
    """Credit that the next invoices spend."""

    customer: CustomerRef = about("The customer.")
    amount: MoneyInput = about("How much, above zero.")
    note: str | None = about("Why, at most 500 characters; the customer can read it.", default=UNSET)
    idempotency_key: str | None = about(IDEMPOTENCY_KEY, default=UNSET)
    actor: str | None = about(ACTOR, default=UNSET)

    def to_command(self) -> CreditGrant:
        """Check every value."""
        return CreditGrant(
            customer=self.customer.to_ref(),
            amount=checks.positive_money(self.amount.amount, self.amount.currency),
            note=optional_text(self.note, "note", checks.WORDS) or "",
            idempotency_key=idempotency_key(self.idempotency_key),
            actor=actor(self.actor),
        )


@object_type
class CreditGranted:
    """The credit is there."""

    entry: CreditEntry = about("The movement of the balance.")
    replayed: bool = about(REPLAYED)

    @classmethod
    def of(cls, outcome: Outcome) -> "CreditGranted":
        """Show what was done."""
        return cls(entry=CreditEntry.of(outcome.entry), replayed=outcome.replayed)


CreditGrantAnswer: TypeAlias = Annotated[
    CreditGranted | AnyAct | CustomerArchived | AmountOutOfRange,
    strawberry.union(
        "CreditGrantAnswer", description="What `creditGrant` answers: what was done, or how it was refused."
    ),
]


@part_type
class CreditGrantMutation:
    """The act as a root field."""

    @mutation
    async def credit_grant(self, info: Info, input: Annotated[CreditGrantInput, INPUT]) -> CreditGrantAnswer:
        """Give a customer credit; the next invoices in its currency spend it. (C7)"""
        return await answer(CreditGrantAnswer, CreditGranted.of, perform(grant_credit, info.context, input))
