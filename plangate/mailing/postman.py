"""Telling customers of payments that failed and of invoices that are due, with a link to where they pay. (C2)

What to tell is an act of the outbox, decided with the attempt or on the due day; what it says is read when it goes out.
What is not so any more by then is not told: the invoice was paid meanwhile, or a later attempt has a mail of its own.
Each mail that went out is an event.
"""

from __future__ import annotations

from dataclasses import field, replace
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple
from zoneinfo import ZoneInfo

from billing.dataclass import dataclass
from billing.invoicing.invoices import InvoiceStatus
from billing.lifecycle import Channel
from billing.money import exponent
from billing.payments import PaymentStatus
from billing.ports import Mail
from models.choices import OutwardChannel
from models.reader import Reader
from models.stores.environments import Environments
from plangate.logs import logger
from plangate.mailing.mailers import MailRefused, mailer_of
from plangate.problems import UserProblem
from plangate.secrets import NamedSecrets
from resolvers.billing_portal_session_create import LINK, BillingPortalSessionCreate, address, create_session
from resolvers.carrying import Carrier
from resolvers.inputs import CustomerRef
from resolvers.mailed import MailKind, tell_mailed
from resolvers.paying.attempting import FAILED_MAIL, PAST_DUE_MAIL
from resolvers.principal import Principal, PrincipalKind
from widgets_config.config import WidgetsConfig
from widgets_config.formats import format_bill, format_date
from widgets_config.text_keys import TextKey
from widgets_config.texts import page_locale, text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

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

MOST_ATTEMPTS: Final = 60
"""So often a mail is tried, which takes two days: then it is dropped."""

A_DAY: Final = timedelta(days=1)


KINDS: Final = MappingProxyType({FAILED_MAIL: MailKind.PAYMENT_FAILED, PAST_DUE_MAIL: MailKind.PAST_DUE})
"""What the mails of these acts say."""


class Words(NamedTuple):
    """The texts of a mail."""

    subject: TextKey
    lead: TextKey
    link: TextKey


WORDS: Final = MappingProxyType(
    {
        MailKind.PAYMENT_FAILED: Words(
            TextKey.MAIL_PAYMENT_FAILED_SUBJECT, TextKey.MAIL_PAYMENT_FAILED_LEAD, TextKey.MAIL_PAYMENT_UPDATE
        ),
        MailKind.PAST_DUE: Words(TextKey.MAIL_PAST_DUE_SUBJECT, TextKey.MAIL_PAST_DUE_LEAD, TextKey.MAIL_PAST_DUE_PAY),
    },
)


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a mail is about, as it is when it goes out."""

    kind: MailKind
    environment: EnvironmentView
    policy: BillingPolicy
    customer: CustomerView
    invoice: InvoiceView
    language: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Postman:
    """Who writes mails and hands them over; links in mails are made from the secret, and last for so long at least."""

    contexts: Contexts
    mailer: Mailer
    secret: str = field(repr=False)
    lasting: timedelta

    @property
    def carriers(self) -> Mapping[str, Carrier]:
        """How mails go out."""
        return MappingProxyType(dict.fromkeys(KINDS, Carrier(OutwardChannel.MAIL, self._carry)))

    async def _carry(self, act: Act) -> None:
        if act.attempts > MOST_ATTEMPTS:
            _drop(act, "tried too often")
            return
        occasion = await self._occasion(act)
        if occasion is None or not occasion.customer.email:
            return
        link = occasion.policy.mails.payment_url or await self._portal(act, occasion)
        try:
            await self.mailer.send(self._written(act, occasion, occasion.customer.email, link))
        except MailRefused as refused:
            _drop(act, str(refused))
            return
        await self._tell(act, occasion)

    async def _tell(self, act: Act, occasion: Occasion) -> None:
        """Write down that a mail went out; where that cannot be, it went out all the same, and must not go again."""
        context = self.contexts.make(POSTMAN, occasion.environment, Channel.WORKER)
        try:
            await tell_mailed(context, occasion.kind, occasion.invoice)
        except Exception:
            log = logger("plangate.mailing")
            log.exception("mail_untold", environment=act.environment_id, act=act.id, kind=act.kind)

    async def _occasion(self, act: Act) -> Occasion | None:
        """Read what is to be told; None where that is not so any more."""
        async with self.contexts.database.reading() as connection:
            environment = await Environments(connection).by_id(act.environment_id)
            if environment is None:
                return None
            at = environment.clock_at or self.contexts.clock.now()
            read = Reader(connection, environment.id, at)
            invoice = await _invoice(read, act)
            customer = await read.customers.by_id(invoice.customer_id) if invoice else None
            if invoice is None or customer is None or customer.archived_at is not None:
                return None
            if invoice.status is not InvoiceStatus.OPEN or not invoice.remaining:
                return None
            config = WidgetsConfig.model_validate(environment.widgets)
            language = page_locale(config, customer.locale or environment.locale)
            policy = await read.environments.billing(environment.id)
            told = Occasion(KINDS[act.kind], environment, policy, customer, invoice, language, at)
            return told if _wanted(told) else None

    async def _portal(self, act: Act, occasion: Occasion) -> str:
        """Make a link to the customer's portal, for this mail alone, that lasts until it is tried again and beyond.

        However often the mail is tried, it holds one link a day: the link's secret is made from what it is for.
        """
        secrets = NamedSecrets(self.secret, f"{act.id}.{self.contexts.clock.now().date()}")
        again_at = occasion.invoice.due_at or occasion.at
        lasts = max(self.lasting, again_at - occasion.at + A_DAY)
        settings = replace(self.contexts.settings, portal_link_minutes=lasts // timedelta(minutes=1))
        contexts = replace(self.contexts, secrets=secrets, settings=settings)
        context = contexts.make(POSTMAN, occasion.environment, Channel.WORKER)
        secret = secrets.new(LINK)
        async with context.read() as read:
            if await read.portal.by_link(secrets.digest(secret)) is not None:
                return address(settings.public_url, secret)
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
        words = WORDS[occasion.kind]
        due = format_date(invoice.payable_by, language, zone) if invoice.payable_by else ""
        number, then = invoice.number or "", ""
        if occasion.kind is MailKind.PAYMENT_FAILED:
            again = format_date(invoice.due_at, language, zone) if invoice.due_at else ""
            key = TextKey.MAIL_PAYMENT_AGAIN if again else TextKey.MAIL_PAYMENT_LAST
            then = text(config, key, language, date=again)
        email = policy.seller.email
        parts = (
            text(config, words.lead, language, amount=amount, number=number, merchant=merchant, date=due),
            then,
            f"{text(config, words.link, language)}\n{link}",
            text(config, TextKey.INVOICE_QUESTIONS, language, email=email) if email else "",
            merchant,
        )
        subject = text(config, words.subject, language, number=number, merchant=merchant)
        body = "\n\n".join(part for part in parts if part)
        return Mail(act.id, to, subject, f"{body}\n", language, self.contexts.clock.now())


async def _invoice(read: Reader, act: Act) -> InvoiceView | None:
    """The invoice that an act tells of; None where a later attempt has a mail of its own."""
    if act.kind == PAST_DUE_MAIL:
        return await read.invoices.by_id(act.subject_id)
    payment = await read.payments.by_id(act.subject_id)
    if payment is None:
        return None
    tried = [
        each
        for each in (await read.payments.of_invoices([payment.invoice_id]))[payment.invoice_id]
        if each.status is PaymentStatus.FAILED and not each.manual
    ]
    return await read.invoices.by_id(payment.invoice_id) if tried and tried[-1].id == payment.id else None


def _wanted(occasion: Occasion) -> bool:
    mails = occasion.policy.mails
    return mails.payment_failed if occasion.kind is MailKind.PAYMENT_FAILED else mails.past_due


def mail_carriers(contexts: Contexts, settings: Settings) -> Mapping[str, Carrier]:
    """How mails go out by these settings; nothing where they name no way."""
    if settings.mail_url is None:
        return MappingProxyType({})
    if settings.mail_from is None:
        raise UserProblem("mail_url is set and mail_from is not: say from which address mails come.")
    mailer = mailer_of(settings.mail_url.get_secret_value(), settings.mail_from)
    return Postman(contexts, mailer, settings.key(), timedelta(days=settings.mail_link_days)).carriers


def _drop(act: Act, said: str) -> None:
    """Say that a mail does not go out any more; its act is done with."""
    log = logger("plangate.mailing")
    log.warning("mail_dropped", environment=act.environment_id, act=act.id, kind=act.kind, said=said)
