"""The portal's pages as HTML: escaped, without script or style of their own, complete without JavaScript."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from plangate.portal.views import (
    COMMENT_FIELD,
    COMMENT_LENGTH,
    CSRF_FIELD,
    REASON_FIELD,
    Frame,
    Included,
    Metered,
    Outcome,
    Price,
    Setting,
)
from widgets_config.config import support_address
from widgets_config.formats import (
    exact,
    format_amount,
    format_bill,
    format_date,
    format_instant,
    format_interval,
    format_money,
)
from widgets_config.locales import direction
from widgets_config.text_keys import TextKey
from widgets_config.texts import filled, wording

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from plangate.paper.sheet import Sheet
    from plangate.portal.views import Bill, ConfirmCancel, Overview, Owed, PortalLink, SpentLink, StatusPage

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""What these pages need and nothing more; the server may add a merchant's origin to `frame-ancestors`."""

STATE_TONES: Mapping[str, str] = {
    "ACTIVE": "good",
    "TRIALING": "info",
    "NOT_STARTED": "info",
    "PAUSED": "info",
    "PAST_DUE": "warn",
    "UNPAID": "warn",
    "INCOMPLETE": "warn",
    "CANCELING": "warn",
    "PENDING_CANCELLATION": "warn",
}
"""How the badge of a state looks; the others are over and look quiet."""

_HIGH_SHARE = (4, 5)

_OUTCOMES: Mapping[Outcome, tuple[TextKey, TextKey | None]] = {
    Outcome.CANCELED_AT: (TextKey.OUTCOME_CANCELED_TITLE, TextKey.OUTCOME_CANCELED_AT_LEAD),
    Outcome.CANCELED_NOW: (TextKey.OUTCOME_CANCELED_TITLE, TextKey.OUTCOME_CANCELED_NOW_LEAD),
    Outcome.REQUESTED: (TextKey.OUTCOME_REQUESTED_TITLE, TextKey.OUTCOME_REQUESTED_LEAD),
    Outcome.ALREADY_CANCELED: (TextKey.OUTCOME_ALREADY_TITLE, TextKey.OUTCOME_CANCELED_AT_LEAD),
    Outcome.ALREADY_ENDED: (TextKey.OUTCOME_ALREADY_TITLE, TextKey.OUTCOME_CANCELED_NOW_LEAD),
    Outcome.KEPT: (TextKey.OUTCOME_KEPT_TITLE, TextKey.OUTCOME_KEPT_LEAD),
    Outcome.CHANGE_UNDONE: (TextKey.OUTCOME_KEPT_TITLE, TextKey.OUTCOME_CHANGE_UNDONE_LEAD),
    Outcome.THANKS: (TextKey.OUTCOME_THANKS_TITLE, TextKey.OUTCOME_THANKS_LEAD),
    Outcome.REFUSED: (TextKey.OUTCOME_REFUSED_TITLE, TextKey.OUTCOME_REFUSED_LEAD),
}

_TEMPLATES = Environment(
    loader=PackageLoader("plangate.portal", "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)

_FIELDS = {
    "CSRF_FIELD": CSRF_FIELD,
    "REASON_FIELD": REASON_FIELD,
    "COMMENT_FIELD": COMMENT_FIELD,
    "COMMENT_LENGTH": COMMENT_LENGTH,
}


class Writing:
    """How one page writes texts, dates and numbers: in its language, escaped, each value safe in any direction."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.lang = frame.language
        self.dir = direction(self.lang)
        self.support_href = support_address(frame.config)

    def say(self, key: str, **values: str) -> Markup:
        """A text with its values in place, escaped and isolated; words of another language are marked."""
        tag, words = wording(self.frame.config, TextKey(key), self.lang, self.frame.profile)
        said = Markup(filled(str(escape(words)), lambda name: str(_isolated(values[name]))))  # noqa: S704  (both are escaped)
        if tag.split("-")[0] == self.lang.split("-")[0]:
            return said
        return Markup('<span lang="{}" dir="{}">{}</span>').format(tag, direction(tag), said)

    def day(self, instant: datetime) -> Markup:
        """A date, machine-readable beside."""
        return _time(instant, format_date(instant, self.lang, self.frame.zone))

    def minute(self, instant: datetime) -> Markup:
        """A date with its minute and zone, for what must not be misread."""
        return _time(instant, format_instant(instant, self.lang, self.frame.zone))

    def amount(self, value: int, scale: int, unit: str | None = None) -> Markup:
        """An amount with its unit."""
        number = format_amount(value, scale, self.lang)
        return _isolated(f"{number} {unit}" if unit else number)

    def price(self, price: Price) -> Markup:
        """What is paid each interval."""
        money = format_money(price.value, price.scale, price.currency, self.lang)
        amount = Markup("<strong><bdi>{}</bdi></strong>").format(money)
        if price.count == 1:
            return self.say(f"price_per_{price.unit}", amount=amount)
        return self.say("price_every", amount=amount, interval=format_interval(price.count, price.unit, self.lang))

    def bill(self, bill: Bill) -> Markup:
        """What an invoice came to."""
        return _isolated(format_bill(bill.minor, bill.decimals, bill.currency, self.lang))

    def owed(self, owed: Owed) -> Markup:
        """How far instalments are, and what is left of them. (K4)"""
        balance = format_bill(owed.minor, owed.decimals, owed.currency, self.lang)
        return self.say("instalments_left", paid=str(owed.paid), count=str(owed.count), balance=balance)

    def state(self, state: str) -> str:
        """The name of a state."""
        return self.frame.text(f"state_{state.lower()}")


def _isolated(value: str) -> Markup:
    return value if isinstance(value, Markup) else Markup("<bdi>{}</bdi>").format(value)


def _time(instant: datetime, words: str) -> Markup:
    stamp = instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return Markup('<time datetime="{}"><bdi>{}</bdi></time>').format(stamp, words)


def _meter(item: Metered) -> dict[str, str] | None:
    """The numbers of a `<meter>`; none where there is nothing to fill."""
    if not item.limit or item.limit < 0:
        return None
    high = exact(item.limit, item.scale) * _HIGH_SHARE[0] / _HIGH_SHARE[1]
    numbers = {"max": exact(item.limit, item.scale), "high": high, "value": exact(max(item.used, 0), item.scale)}
    return {name: f"{number.normalize():f}" for name, number in numbers.items()}


def _page(name: str, frame: Frame, **shown: object) -> str:
    return _TEMPLATES.get_template(name).render(_FIELDS, frame=frame, w=Writing(frame), **shown)


def render_link_page(link: PortalLink) -> str:
    """The page behind a link; looking at it spends nothing (S8)."""
    return _page("link.html", link.frame, page=link)


def render_spent(spent: SpentLink) -> str:
    """A link that was used or is too old, or a visit that is over."""
    return _page("spent.html", spent.frame, page=spent)


def render_overview(overview: Overview) -> str:
    """Subscriptions with exactly the actions given, and what they entitle to (S1)."""
    shown = overview.entitlements
    return _page(
        "overview.html",
        overview.frame,
        page=overview,
        meters=[(item, _meter(item)) for item in shown if isinstance(item, Metered)],
        settings=[item for item in shown if isinstance(item, Setting)],
        switches=[item for item in shown if isinstance(item, Included)],
        tones=STATE_TONES,
    )


def render_confirm(confirm: ConfirmCancel) -> str:
    """The one page before cancelling: when it ends, what ends with it, and two equal buttons (R1, R2)."""
    return _page("confirm.html", confirm.frame, page=confirm)


def render_status(status: StatusPage) -> str:
    """What was done or how things stand; the question why comes here, afterwards (T3)."""
    title, lead = _OUTCOMES[status.outcome]
    if status.outcome in (Outcome.CANCELED_AT, Outcome.REQUESTED, Outcome.ALREADY_CANCELED) and status.ends_at is None:
        lead = None
    return _page("status.html", status.frame, page=status, title_key=title, lead_key=lead)


def render_invoice(frame: Frame, sheet: Sheet, pdf_href: str) -> str:
    """An invoice; printed, it is the same sheet without the buttons."""
    return _page("invoice.html", frame, sheet=sheet, pdf_href=pdf_href)


def render_invoice_gone(frame: Frame) -> str:
    """A link that leads to no invoice, in the same words whatever the reason is."""
    return _page("invoice_gone.html", frame)
