"""One of every portal page, with names as hostile or as plain as wanted."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from billing.invoicing.invoices import InvoiceStatus
from billing.invoicing.parties import Party
from billing.invoicing.policy import TaxRule
from plangate.paper.sheet import sheet_of
from plangate.paper.values import InvoicePaper, PaperLine, PaperTax
from plangate.portal.pages import (
    render_confirm,
    render_invoice,
    render_invoice_gone,
    render_link_page,
    render_overview,
    render_spent,
    render_status,
)
from plangate.portal.views import (
    Action,
    Bill,
    ConfirmCancel,
    Form,
    Frame,
    Included,
    LinkProblem,
    Metered,
    Moment,
    Outcome,
    Overview,
    PendingChange,
    PortalLink,
    Price,
    Setting,
    SpentLink,
    StatusPage,
    SubscriptionCard,
    Survey,
)
from widgets_config.config import WidgetsConfig
from widgets_config.legal import LegalProfile

if TYPE_CHECKING:
    from collections.abc import Mapping

TOKEN = "visit-token"
ENDS = datetime(2026, 12, 20, tzinfo=UTC)
NOW = datetime(2026, 11, 21, 5, tzinfo=UTC)
SUPPORT = {"support": {"text": "Call us.", "email": "help@example.com", "url": "https://example.com/help"}}


def frame(
    locale: str = "en-GB",
    config: Mapping[str, object] | None = None,
    profile: LegalProfile = LegalProfile.NONE,
    merchant: str = "Northwind",
    csrf_token: str = TOKEN,
) -> Frame:
    chosen = WidgetsConfig.model_validate({} if config is None else config)
    return Frame(merchant, locale, ZoneInfo("Europe/Berlin"), csrf_token, chosen, profile, return_href="/back")


def all_actions() -> tuple[Action, ...]:
    return (
        Action("MANAGE", "Manage", href="/portal/cancel"),
        Action("DOWNGRADE", "Move down", form=Form("/portal/downgrade", (("subscription", "sub_1"),))),
        Action("CANCEL_AT_PERIOD_END", "Cancel subscription", href="/portal/cancel"),
        Action("UNDO_CANCELLATION", "Keep", form=Form("/portal/undo")),
        Action("UNDO_CHANGE", "Keep plan", form=Form("/portal/undo-change")),
        Action("PAUSE", "Pause", enabled=False, reason="Not available here."),
        Action("RESUME", "Resume", enabled=False),
    )


def card(name: str = "Team", actions: tuple[Action, ...] = (), *, pending: bool = False) -> SubscriptionCard:
    return SubscriptionCard(
        name,
        "PENDING_CANCELLATION" if pending else "ACTIVE",
        name,
        name,
        Price(4900, 2, "USD", "month"),
        (Moment.RENEWS, ENDS),
        ENDS if pending else None,
        PendingChange(name, ENDS) if pending else None,
        actions,
    )


def overview(visit: Frame, name: str = "Team", *, pending: bool = False) -> Overview:
    entitlements = (
        Metered(
            name, 812_000, 1_000_000, remaining=188_000, unit=name, resource=name, resets_at=ENDS, valid_until=ENDS
        ),
        Metered(name, 125, 100, scale=1, over_by=25),
        Metered(name, 0, 0),
        Metered(name, 7, None),
        Included(name, included=True, resource=name),
        Included(name, included=False, valid_until=ENDS),
        Setting(name, name, resource=name),
    )
    bills = (Bill(name, NOW, 4900, 2, "EUR", name, "good", "/invoices/link"),)
    cards = (card(name, all_actions(), pending=pending), card(name))
    return Overview(visit, name, cards, entitlements, bills, more_bills=True)


def invoice(visit: Frame, name: str) -> str:
    party = Party(name, (name,), "DE", (name,), name)
    lines = (PaperLine(name, 4900, unit=name, discount=100), PaperLine(name, 100))
    taxes = (PaperTax(TaxRule(190_000, name), 4900, 931),)
    paper = InvoicePaper(name, InvoiceStatus.OPEN, "EUR", NOW, 5000, 5831, party, party, lines, taxes, memo=name)
    return render_invoice(visit, sheet_of(paper, visit), "/invoices/link.pdf")


def every_page(visit: Frame, name: str = "Team") -> dict[str, str]:
    survey = Survey.seeded(visit)
    undo = Action("UNDO_CANCELLATION", name, form=Form("/portal/undo", ((name, name),)))
    pages = {
        "link": render_link_page(PortalLink(visit, Form("/portal/l/secret"), NOW)),
        "overview": render_overview(overview(visit, name)),
        "pending": render_overview(overview(visit, name, pending=True)),
        "empty": render_overview(Overview(visit, name)),
        "confirm": render_confirm(
            ConfirmCancel(visit, name, ENDS, Form("/portal/cancel"), "/portal", (name,), name, ENDS, survey)
        ),
        "confirm now": render_confirm(ConfirmCancel(visit, name, None, Form("/portal/cancel"), "/portal")),
    }
    pages |= {"invoice": invoice(visit, name), "invoice gone": render_invoice_gone(visit)}
    pages |= {problem.name: render_spent(SpentLink(visit, problem)) for problem in LinkProblem}
    for outcome in Outcome:
        status = StatusPage(visit, outcome, "/portal", name, ENDS, NOW, name, (undo,), (survey, Form("/portal/reason")))
        pages[outcome.name] = render_status(status)
        pages[f"{outcome.name} without more"] = render_status(StatusPage(visit, outcome, "/portal", name))
    return pages
