"""What a portal page is made of: plain values, decided before any page is written.

A page shows exactly what these say. Amounts and money are units of 10^-scale, instants are UTC.
"""

from __future__ import annotations

from dataclasses import field
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias, Union
from urllib.parse import urlsplit

from billing.dataclass import dataclass
from widgets_config.actions import ManageAction
from widgets_config.config import WidgetsConfig, hosted_manage_action
from widgets_config.legal import LegalProfile
from widgets_config.text_keys import TextKey
from widgets_config.texts import action_label, page_locale, text

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from widgets_config.formats import IntervalName

CSRF_FIELD = "csrf_token"
REASON_FIELD = "reason"
COMMENT_FIELD = "comment"
COMMENT_LENGTH = 1000
SEEDED_REASONS = (
    "too_expensive",
    "missing_features",
    "switched_service",
    "unused",
    "customer_service",
    "too_complex",
    "low_quality",
    "other",
)
"""The reasons every environment starts with (T8)."""


def followable(href: str) -> bool:
    """Whether a link may stand in a page: our own path, https, localhost, or a letter; never a script."""
    if href.startswith("/"):
        return not href.startswith(("//", "/\\"))
    parts = urlsplit(href)
    return parts.scheme in ("https", "mailto") or (parts.scheme == "http" and parts.hostname == "localhost")


@dataclass(frozen=True, slots=True)
class Form:
    """Where a button posts to, and the hidden fields that go with it; the CSRF field is added by the page."""

    action: str
    fields: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        """Keep forms at home: they carry the visit's token."""
        if not self.action.startswith("/") or not followable(self.action):
            raise ValueError("a form posts to a path of ours")


@dataclass(frozen=True, slots=True)
class Frame:
    """What all pages of one visit share; `locale`, `zone` and `profile` are the customer's."""

    merchant: str
    locale: str
    zone: ZoneInfo
    csrf_token: str
    config: WidgetsConfig = field(default_factory=WidgetsConfig)
    profile: LegalProfile = LegalProfile.NONE
    style_href: str = "/portal/style.css"
    theme_href: str | None = None
    return_href: str | None = None
    leave: Form | None = None

    @property
    def language(self) -> str:
        """The locale the page is really written in."""
        return page_locale(self.config, self.locale)

    def text(self, key: str, **values: str) -> str:
        """One text in the page's language, as plain characters, by its `TextKey`."""
        return text(self.config, TextKey(key), self.language, self.profile, **values)

    def action_label(self, kind: str) -> str:
        """What the button of an action says."""
        return action_label(self.config, kind, self.language, self.profile)


@dataclass(frozen=True, slots=True)
class Action:
    """One thing the customer may do: a link or a form when enabled, a reason when not."""

    kind: str
    label: str
    enabled: bool = True
    href: str | None = None
    form: Form | None = None
    reason: str | None = None

    def __post_init__(self) -> None:
        """An enabled button leads somewhere, to one place, and safely."""
        if self.enabled and (self.href is None) == (self.form is None):
            raise ValueError(f"{self.kind} is enabled: it needs a link or a form")
        if self.href is not None and not followable(self.href):
            raise ValueError(f"{self.kind} leads to an address that cannot be followed")


@dataclass(frozen=True, slots=True)
class PortalLink:
    """The page behind a link: it spends nothing; its one button posts `form`, which does."""

    frame: Frame
    form: Form
    valid_until: datetime


class LinkProblem(StrEnum):
    """Why there is no portal to show. An unknown link is EXPIRED, in the same words."""

    USED = "link_used"
    EXPIRED = "link_expired"
    SESSION_ENDED = "session_ended"


@dataclass(frozen=True, slots=True)
class SpentLink:
    """A link that cannot be opened, or a visit that is over."""

    frame: Frame
    problem: LinkProblem


class Moment(StrEnum):
    """What happens at the instant a subscription shows."""

    RENEWS = "period_renews"
    ENDS = "period_ends"
    ENDED = "period_ended"
    TRIAL_ENDS = "period_trial_ends"
    STARTS = "period_starts"


@dataclass(frozen=True, slots=True)
class Price:
    """What a subscription costs each interval, in units of 10^-scale of the currency."""

    value: int
    scale: int
    currency: str
    unit: IntervalName
    count: int = 1


@dataclass(frozen=True, slots=True)
class PendingChange:
    """A plan change that has been scheduled."""

    plan_name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Owed:
    """How many instalments are paid, and what is left to pay of them: `minor` units of the currency. (K4)"""

    paid: int
    count: int
    minor: int
    decimals: int
    currency: str


@dataclass(frozen=True, slots=True)
class SubscriptionCard:
    """One subscription; `state` is its one state (K16), `actions` are shown in order and nothing else is.

    `instructions` is the merchant's own way out where customers may not cancel themselves (K3).
    """

    plan_name: str
    state: str
    product_name: str | None = None
    resource: str | None = None
    price: Price | None = None
    moment: tuple[Moment, datetime] | None = None
    cancels_at: datetime | None = None
    pending_change: PendingChange | None = None
    actions: tuple[Action, ...] = ()
    instructions: str | None = None
    owed: Owed | None = None


@dataclass(frozen=True, slots=True)
class Metered:
    """A metered feature in its present window; `limit` includes allowances, None is unlimited."""

    name: str
    used: int
    limit: int | None
    scale: int = 0
    remaining: int = 0
    over_by: int = 0
    unit: str | None = None
    resource: str | None = None
    resets_at: datetime | None = None
    valid_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Included:
    """A feature that is there or not."""

    name: str
    included: bool
    resource: str | None = None
    valid_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """A feature that has a value."""

    name: str
    value: str
    resource: str | None = None
    valid_until: datetime | None = None


Entitlement: TypeAlias = Union[Metered, Included, Setting]  # noqa: UP007  (an alias is evaluated)


@dataclass(frozen=True, slots=True)
class Bill:
    """An invoice in the list: `minor` units of its currency, and the page that shows it. (S8)"""

    number: str
    at: datetime
    minor: int
    decimals: int
    currency: str
    state: str
    tone: str
    href: str


@dataclass(frozen=True, slots=True)
class Overview:
    """The portal's first page; `customer` is a name to greet by, '' where none is known.

    `bills` are the latest invoices; `more_bills` says that there are others.
    """

    frame: Frame
    customer: str
    subscriptions: tuple[SubscriptionCard, ...] = ()
    entitlements: tuple[Entitlement, ...] = ()
    bills: tuple[Bill, ...] = ()
    more_bills: bool = False

    @property
    def can_act(self) -> bool:
        """Whether any button works; where none does, support is shown (S1)."""
        return any(action.enabled for card in self.subscriptions for action in card.actions)


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason to choose, with the words for it; `takes_comment` where free text belongs to it (T9)."""

    code: str
    label: str
    takes_comment: bool = False


@dataclass(frozen=True, slots=True)
class Survey:
    """The optional question why; nothing is chosen beforehand (R3)."""

    reasons: tuple[Reason, ...]

    @classmethod
    def seeded(cls, frame: Frame) -> Survey:
        """The eight reasons every environment starts with, in the page's language (T8)."""
        return cls(tuple(Reason(c, frame.text(f"reason_{c}"), c == "other") for c in SEEDED_REASONS))


@dataclass(frozen=True, slots=True)
class ConfirmCancel:
    """The one page between the button and the end: when it ends, and what ends with it. `ends_at` None is at once."""

    frame: Frame
    plan_name: str
    ends_at: datetime | None
    confirm: Form
    keep_href: str
    losses: tuple[str, ...] = ()
    moves_to: str | None = None
    undo_until: datetime | None = None
    survey_before: Survey | None = None
    owed: Owed | None = None


class Outcome(StrEnum):
    """What came of an act."""

    CANCELED_AT = "CANCELED_AT"
    CANCELED_NOW = "CANCELED_NOW"
    REQUESTED = "REQUESTED"
    ALREADY_CANCELED = "ALREADY_CANCELED"
    ALREADY_ENDED = "ALREADY_ENDED"
    KEPT = "KEPT"
    CHANGE_UNDONE = "CHANGE_UNDONE"
    THANKS = "THANKS"
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True)
class StatusPage:
    """What was done, or how things stand; `message` says why where nothing was done."""

    frame: Frame
    outcome: Outcome
    overview_href: str
    plan_name: str = ""
    ends_at: datetime | None = None
    received_at: datetime | None = None
    message: str | None = None
    actions: tuple[Action, ...] = ()
    survey_after: tuple[Survey, Form] | None = None


def manage_action(frame: Frame, *, checkout_href: str | None, cancel_href: str | None) -> Action | None:
    """The *Manage* button of our hosted page, or none where it is hidden or has nowhere to lead (S2-S5)."""
    chosen = hosted_manage_action(frame.config)
    targets = {
        ManageAction.CHECKOUT: checkout_href or cancel_href,
        ManageAction.CANCEL_FLOW: cancel_href,
        ManageAction.URL: frame.config.portal.manage_url,
    }
    href = targets.get(chosen)
    return None if href is None else Action("MANAGE", frame.action_label("MANAGE"), href=href)
