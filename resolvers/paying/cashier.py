"""Asking the providers: outside of every transaction, by acts of the outbox, each charge once for its key.

What is going to be asked is written down first. Whoever takes up an act that another began asks how it stands before
asking again; so a worker that dies between the provider's answer and its booking costs nobody anything.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from enum import Enum, auto
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from billing.dataclass import dataclass
from billing.lifecycle import Channel
from billing.money import Money
from billing.payments import PaymentStatus, RefundStatus
from billing.ports import Asked, ChargeAnswer, ChargeAsked, Outcome, RefundAsked
from models.choices import OutwardChannel
from models.reader import Reader
from models.stores.environments import Environments
from models.stores.outbox import Among, Outbox
from models.work import Moment, whole
from resolvers.carrying import Carrier, CarryingFailed, carry_next, open_to
from resolvers.due import settle
from resolvers.paying.attempting import PAYMENT, REFUND, by_itself, collectable, send
from resolvers.paying.booking import NO_METHOD, book
from resolvers.paying.refunding import book_refund

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from billing.ports import Gateway
    from models.ids import Ids
    from models.payment_views import PaymentView, RefundView
    from models.rows import Runner
    from models.session import Database
    from models.stores.outbox import Act
    from models.work import UnitOf, Work

T = TypeVar("T")
REST_SECONDS: Final = 0.02
PATIENCE: Final = 2.0
"""Seconds that a call waits for a provider; then the worker goes on with it."""


class Waits(Enum):
    """What there was to ask the providers of an environment."""

    NOTHING = auto()
    DONE = auto()
    BUSY = auto()


@dataclass(frozen=True, slots=True)
class _Ready:
    """A charge that is written down; `known` where it may have been asked for before."""

    asked: Asked
    provider: str
    method: str
    amount: Money
    attempt: int
    known: bool
    over: bool


@dataclass(frozen=True, slots=True)
class Cashier:
    """The providers by name, and what is needed to write down what they say; `now` is the real instant."""

    database: Database
    ids: Ids
    gateways: Mapping[str, Gateway]
    now: Callable[[], datetime]

    @property
    def carriers(self) -> dict[str, Carrier]:
        """How payments and refunds go out."""
        return self._carriers(None)

    def _carriers(self, by: Moment | None) -> dict[str, Carrier]:
        channel = OutwardChannel.PAYMENTS
        return {
            PAYMENT: Carrier(channel, partial(self._carry_payment, by=by)),
            REFUND: Carrier(channel, self._carry_refund),
        }

    async def next_of(self, environment_id: str) -> Waits:
        """Carry out the oldest act of an environment that waits; BUSY where others have it, or it is not time yet."""
        among = Among(environment_id)
        if not await self.database.asked(lambda run: self.waits(run, environment_id)):
            return Waits.NOTHING
        try:
            done = await carry_next(self.database, self.carriers, self.now, among)
        except CarryingFailed:
            return Waits.BUSY
        return Waits.DONE if done else Waits.BUSY

    async def waits(self, run: Runner, environment_id: str) -> bool:
        """Whether something of an environment is still to be asked, apart from what is held."""
        return await Outbox(run).waits(await open_to(run, self.carriers, Among(environment_id)))

    async def at_once(self, environment_id: str, subject_id: str, *, by: Moment | None = None) -> None:
        """Carry out what was just decided about a payment or refund, or wait for whoever is at it.

        What takes long is left to the worker, and so is what is held or failed. `by` is the call that asked for a
        payment: what becomes of it at once is told as that call's, with its human.
        """
        try:
            async with asyncio.timeout(PATIENCE):
                while await self._waits_for(environment_id, subject_id):
                    meant = Among(environment_id, subject_id)
                    if not await carry_next(self.database, self._carriers(by), self.now, meant):
                        await asyncio.sleep(REST_SECONDS)
        except (CarryingFailed, TimeoutError):
            return

    async def _waits_for(self, environment_id: str, subject_id: str) -> bool:
        meant = Among(environment_id, subject_id)

        async def question(run: Runner) -> bool:
            return await Outbox(run).waits(await open_to(run, self.carriers, meant))

        return await self.database.asked(question)

    async def look(self, environment_id: str, payment_id: str) -> None:
        """Ask the provider how a payment stands, now: it may have news."""

        async def unit(work: Work) -> None:
            if await _held(work, payment_id) is not None:
                await send(work, PAYMENT, payment_id)

        await self._worked(environment_id, unit)
        await self.at_once(environment_id, payment_id)

    async def _carry_payment(self, act: Act, by: Moment | None) -> None:
        ready = await self._ready(act.environment_id, act.subject_id)
        if ready is None:
            return
        gateway = self.gateways[ready.provider]
        answer = await gateway.status(ready.asked) if ready.known else None
        if answer is None and not ready.over:
            answer = await gateway.charge(ChargeAsked(ready.asked, ready.method, ready.amount, ready.attempt))
        if answer is None:
            return
        answered = answer

        async def unit(work: Work) -> None:
            payment = await _held(work, act.subject_id)
            if payment is not None:
                with work.by_time() if by is None else work.by_call(by):
                    await book(work, payment, answered)

        await self._worked(act.environment_id, unit)

    async def _ready(self, environment_id: str, payment_id: str) -> _Ready | None:
        """Write down what is going to be asked; None where nothing is."""

        async def unit(work: Work) -> _Ready | None:
            payment = await _held(work, payment_id)
            if payment is None or payment.status in (PaymentStatus.FAILED, PaymentStatus.DROPPED):
                return None
            known = payment.made_at is not None
            if not known:
                payment = await _write_down(work, payment)
            if payment is None:
                return None
            method = await work.payments.method(payment.method_id)
            earlier = (await work.payments.of_invoices([payment.invoice_id]))[payment.invoice_id]
            return _Ready(
                Asked(environment_id, payment.id, work.at),
                payment.provider,
                method.reference if method else "",
                Money(payment.amount, payment.currency),
                sum(each.number <= payment.number for each in earlier if each.made_at is not None),
                known,
                not payment.open,
            )

        return await self._worked(environment_id, unit)

    async def _carry_refund(self, act: Act) -> None:
        now = self.now()

        async def look(run: Runner) -> tuple[RefundView | None, PaymentView | None]:
            read = Reader(run, act.environment_id, now)
            refund = await read.payments.refund(act.subject_id)
            return refund, await read.payments.by_id(refund.payment_id) if refund else None

        refund, payment = await self.database.asked(look)
        if refund is None or payment is None or refund.status is not RefundStatus.PENDING:
            return
        at = await self._worked(act.environment_id, _present)
        asked = RefundAsked(Asked(act.environment_id, refund.id, at), payment.id, Money(refund.amount, refund.currency))
        answer = await self.gateways[payment.provider].refund(asked)
        refund_id, customer_id = refund.id, refund.customer_id

        async def unit(work: Work) -> None:
            await work.bump(customer_id)
            with work.by_time():
                await book_refund(work, refund_id, answer)

        await self._worked(act.environment_id, unit)

    async def _worked(self, environment_id: str, act: UnitOf[T]) -> T:
        """Carry an act out in a unit of work at the environment's present."""
        now = self.now()
        environment = await self.database.asked(lambda run: Environments(run).by_id(environment_id))
        if environment is None:
            raise LookupError(environment_id)
        moment = Moment(environment.clock_at or now, now, Channel.WORKER)
        return await self.database.worked(whole(environment, moment, self.ids, act))


async def _present(work: Work) -> datetime:
    return work.at


async def _held(work: Work, payment_id: str) -> PaymentView | None:
    """Take the customer's sequence, make permanent what is due, and read the payment as it is then."""
    payment = await work.payments.by_id(payment_id)
    if payment is None:
        return None
    await work.bump(payment.customer_id)
    await settle(work, payment.customer_id)
    return await work.payments.by_id(payment_id)


async def _write_down(work: Work, payment: PaymentView) -> PaymentView | None:
    """Say that a payment is asked for now, of what is left; None where nothing is, or there is nothing to charge.

    What was planned is not asked for any more once nobody collects the invoice by itself. (C14)
    """
    invoice = await work.invoices.by_id(payment.invoice_id)
    if invoice is None or not (collectable(invoice) if payment.manual else by_itself(invoice)):
        await work.payments.save(replace(payment, status=PaymentStatus.DROPPED, settled_at=work.at))
        return None
    method = await work.payments.method(payment.method_id) if payment.method_id else None
    if method is None or method.removed_at is not None:
        method = await work.payments.default_of(payment.customer_id)
    if method is None:
        with work.by_time():
            await book(work, payment, ChargeAnswer(Outcome.FAILED, NO_METHOD))
        return None
    asked = replace(
        payment,
        method_id=method.id,
        provider=method.provider,
        amount=min(payment.amount, invoice.remaining),
        made_at=work.at,
    )
    await work.payments.save(asked)
    return asked
