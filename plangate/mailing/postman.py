"""Telling customers of payments that failed, with a link to where they update how they pay. (C2)

What to tell is an act of the outbox, decided with the attempt; what it says is read when it goes out. What is not so
any more by then is not told: the invoice was paid meanwhile, or a later attempt has a mail of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from billing.invoicing.invoices import InvoiceStatus
from billing.lifecycle import Channel
from billing.money import exponent
from billing.payments import PaymentStatus
from billing.ports import Mail
from models.choices import OutwardChannel
from models.reader import Reader
from models.stores.environments import Environments
from plangate.mailing.mailers import mailer_of
from plangate.problems import UserProblem
from resolvers.billing_portal_session_create import BillingPortalSessionCreate, create_session
from resolvers.carrying import Carrier
from resolvers.inputs import CustomerRef
from resolvers.paying.attempting import FAILED_MAIL
from resolvers.principal import Principal, PrincipalKind
from widgets_config.config import WidgetsConfig
from widgets_config.formats import format_bill, format_date
from widgets_config.text_keys import TextKey
from widgets_config.texts import page_locale, text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from billing.invoicing.policy import BillingPolicy
    from billing.ports import Mailer
    from models.invoice_views import InvoiceView
    from models.stores.outbox import Act
    from models.views import CustomerView, EnvironmentView
    from plangate.contexts import Contexts
    from plangate.settings import Settings

POSTMAN: Final = Principal(PrincipalKind.SECRET, frozenset({"sessions:write"}))
"""Who makes the links that mails hold."""

ACTOR: Final = "mail"


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a mail is about, as it is when it goes out."""

    environment: EnvironmentView
    policy: BillingPolicy
    customer: CustomerView
    invoice: InvoiceView
    language: str


@dataclass(frozen=True, slots=True)
class Postman:
    """Who writes mails and hands them over."""

    contexts: Contexts
    mailer: Mailer

    @property
    def carriers(self) -> Mapping[str, Carrier]:
        """How mails go out."""
        return MappingProxyType({FAILED_MAIL: Carrier(OutwardChannel.MAIL, self._carry)})

    async def _carry(self, act: Act) -> None:
        occasion = await self._occasion(act)
        if occasion is None or not occasion.customer.email:
            return
        link = occasion.policy.mails.payment_url or await self._portal(occasion)
        await self.mailer.send(self._written(act, occasion, occasion.customer.email, link))

    async def _occasion(self, act: Act) -> Occasion | None:
        """Read what is to be told; None where that is not so any more."""
        async with self.contexts.database.reading() as connection:
            environment = await Environments(connection).by_id(act.environment_id)
            if environment is None:
                return None
            read = Reader(connection, environment.id, environment.clock_at or self.contexts.clock.now())
            payment = await read.payments.by_id(act.subject_id)
            invoice = await read.invoices.by_id(payment.invoice_id) if payment else None
            customer = await read.customers.by_id(payment.customer_id) if payment else None
            if payment is None or invoice is None or customer is None or customer.archived_at is not None:
                return None
            tried = [
                each
                for each in (await read.payments.of_invoices([invoice.id]))[invoice.id]
                if each.status is PaymentStatus.FAILED and not each.manual
            ]
            unpaid = invoice.status is InvoiceStatus.OPEN and invoice.remaining > 0
            if not unpaid or not tried or tried[-1].id != payment.id:
                return None
            config = WidgetsConfig.model_validate(environment.widgets)
            language = page_locale(config, customer.locale or environment.locale)
            policy = await read.environments.billing(environment.id)
            return Occasion(environment, policy, customer, invoice, language) if policy.mails.payment_failed else None

    async def _portal(self, occasion: Occasion) -> str:
        """Make a link to the customer's portal, for this mail alone."""
        context = self.contexts.make(POSTMAN, occasion.environment, Channel.WORKER)
        asked = BillingPortalSessionCreate(
            customer=CustomerRef(id=occasion.customer.id), locale=occasion.language, actor=ACTOR
        )
        made = await create_session(context, asked)
        if made.url is None:
            raise LookupError(made.session.id)
        return made.url

    def _written(self, act: Act, occasion: Occasion, to: str, link: str) -> Mail:
        invoice, policy, language = occasion.invoice, occasion.policy, occasion.language
        config = WidgetsConfig.model_validate(occasion.environment.widgets)
        merchant = policy.seller.name or occasion.environment.name
        zone = ZoneInfo(occasion.customer.zone) if occasion.customer.zone else occasion.environment.zone
        amount = format_bill(invoice.remaining, exponent(invoice.currency), invoice.currency, language)
        key = TextKey.MAIL_PAYMENT_FAILED_LEAD
        then = (
            text(config, TextKey.MAIL_PAYMENT_AGAIN, language, date=format_date(invoice.due_at, language, zone))
            if invoice.due_at
            else text(config, TextKey.MAIL_PAYMENT_LAST, language)
        )
        email = policy.seller.email
        parts = (
            text(config, key, language, amount=amount, number=invoice.number or "", merchant=merchant),
            then,
            f"{text(config, TextKey.MAIL_PAYMENT_UPDATE, language)}\n{link}",
            text(config, TextKey.INVOICE_QUESTIONS, language, email=email) if email else "",
            merchant,
        )
        subject = text(config, TextKey.MAIL_PAYMENT_FAILED_SUBJECT, language, merchant=merchant)
        body = "\n\n".join(part for part in parts if part)
        return Mail(act.id, to, subject, f"{body}\n", language, self.contexts.clock.now())


def mail_carriers(contexts: Contexts, settings: Settings) -> Mapping[str, Carrier]:
    """How mails go out by these settings; nothing where they name no way."""
    if settings.mail_url is None:
        return MappingProxyType({})
    if settings.mail_from is None:
        raise UserProblem("mail_url is set and mail_from is not: say from which address mails come.")
    return Postman(contexts, mailer_of(settings.mail_url.get_secret_value(), settings.mail_from)).carriers
