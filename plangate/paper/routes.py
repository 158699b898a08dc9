"""The doors to an invoice: a page and a PDF behind a signed link, for whoever has the address.

Looking costs nothing and changes nothing. A link ends after some time, and when the merchant takes a customer's access
back. Whatever is wrong with one, it leads nowhere, in the same words.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import field
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from starlette.responses import Response
from starlette.routing import Route

from billing.dataclass import dataclass
from billing.lifecycle import Channel
from billing.refusals import Refusal
from models.stores.customers import Customers
from models.stores.environments import Environments
from models.stores.invoices import Invoices, environment_of
from plangate.paper.reading import paper_of
from plangate.paper.sheet import sheet_of
from plangate.portal.answers import HEADERS, INVOICES, page, refused, style_href, theme_href
from plangate.portal.languages import chosen_locale
from plangate.portal.pages import render_invoice, render_invoice_gone
from plangate.portal.sessions import nobody
from plangate.portal.views import Frame
from resolvers.access import READ
from resolvers.principal import Principal, PrincipalKind
from widgets_config.theme import Theme

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from starlette.requests import Request

    from models.invoice_views import InvoiceView
    from models.views import CustomerView
    from plangate.contexts import Contexts
    from plangate.paper.sheet import Sheet
    from plangate.paper.values import InvoicePaper
    from resolvers.context import Context

UNSEEN: Final = {"X-Robots-Tag": "noindex, nofollow"}
_UNFIT: Final = re.compile(r"[^A-Za-z0-9._-]")
"""What a file's name does not have."""


def routes(contexts: Contexts) -> list[Route]:
    """Make the doors."""
    doors = Invoicing(contexts)
    return [
        Route(f"{INVOICES}/{{link}}.pdf", doors.answered(doors.printed)),
        Route(f"{INVOICES}/{{link}}", doors.answered(doors.shown)),
    ]


@dataclass(frozen=True, slots=True)
class Held:
    """An invoice that a link leads to, how its customer reads, and a context that may read what is on it."""

    ctx: Context
    invoice: InvoiceView
    frame: Frame


@dataclass(frozen=True, slots=True)
class Invoicing:
    """What stands behind the doors. One PDF is made at a time: it is work, and anybody with a link may ask for it."""

    contexts: Contexts
    printing: asyncio.Lock = field(default_factory=asyncio.Lock)

    def answered(self, door: Callable[[Held], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        """Find the invoice first; what a door raises is a page too."""

        async def answer(request: Request) -> Response:
            try:
                held = await self._held(request.path_params["link"])
                if held is None:
                    return page(render_invoice_gone(nobody(request)), 404, UNSEEN)
                return await door(held)
            except Refusal as refusal:
                return refused(nobody(request), refusal)

        return answer

    async def shown(self, held: Held) -> Response:
        """Show the page."""
        sheet = sheet_of(await paper_of(held.ctx, held.invoice), held.frame)
        link = self.contexts.links.make(held.invoice.id, held.ctx.recorded_at)
        return page(render_invoice(held.frame, sheet, f"{INVOICES}/{link}.pdf"), headers=UNSEEN)

    async def printed(self, held: Held) -> Response:
        """Give the PDF to keep."""
        paper = await paper_of(held.ctx, held.invoice)
        sheet = sheet_of(paper, held.frame)
        async with self.printing:
            pdf = await asyncio.to_thread(_pdf, sheet, held.frame, paper)
        name = f"{_UNFIT.sub('-', paper.number)}.pdf"
        headers = {**HEADERS, **UNSEEN, "Content-Disposition": f'attachment; filename="{name}"'}
        return Response(pdf, media_type="application/pdf", headers=headers)

    async def _held(self, link: str) -> Held | None:
        """Find what a link leads to, if it leads anywhere still."""
        now, read = self.contexts.clock.now(), self.contexts.links.read(link)
        if read is None:
            return None
        invoice_id, made = read
        if now >= made + timedelta(days=self.contexts.settings.invoice_link_days):
            return None
        async with self.contexts.database.reading() as connection:
            environment_id = await environment_of(connection, invoice_id)
            environment = await Environments(connection).by_id(environment_id or "")
            if environment is None:
                return None
            invoice = await Invoices(connection, environment.id).by_id(invoice_id)
            customer = await Customers(connection, environment.id).by_id(invoice.customer_id) if invoice else None
        if invoice is None or invoice.number is None or customer is None or _taken_back(customer, made):
            return None
        principal = Principal(PrincipalKind.CUSTOMER, frozenset({READ}), customer_id=customer.id)
        ctx = self.contexts.make(principal, environment, Channel.PORTAL, now=now)
        return Held(ctx, invoice, _frame(ctx, customer))


def _pdf(sheet: Sheet, frame: Frame, paper: InvoicePaper) -> bytes:
    from plangate.paper.pdf import pdf_of  # noqa: PLC0415  (fonts take half a second and 30 MB: who prints none waits for none)

    return pdf_of(sheet, frame, issued_at=paper.issued_at, country=paper.seller.country)


def _taken_back(customer: CustomerView, made: datetime) -> bool:
    """Whether the merchant took all access back after the link was made."""
    return customer.tokens_not_before is not None and made < customer.tokens_not_before


def _frame(ctx: Context, customer: CustomerView) -> Frame:
    """How the customer reads it, whoever holds the link: an invoice does not change with its reader."""
    config = ctx.widgets
    return Frame(
        merchant=ctx.env.name,
        locale=chosen_locale(config, [customer.locale], ctx.env.locale),
        zone=ZoneInfo(customer.zone) if customer.zone else ctx.env.zone,
        csrf_token="",
        config=config,
        style_href=style_href(),
        theme_href=None if config.theme == Theme() else theme_href(ctx.env.id, config.theme),
    )
