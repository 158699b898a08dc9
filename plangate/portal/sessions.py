"""Links and visits: a link is exchanged once for a cookie, and the cookie is the customer who acts. (S8)

Both secrets are known to the browser only; what is kept are digests. Expiry is by the real clock.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from billing.dataclass import dataclass
from billing.lifecycle import Channel
from models.stores.customers import Customers
from models.stores.environments import Environments, Keys
from models.stores.portal import PortalSessions
from plangate.portal.answers import HOME, style_href, theme_href
from plangate.portal.forms import form_token
from plangate.portal.languages import accepted_languages, chosen_locale
from plangate.portal.views import Form, Frame
from resolvers.access import MANAGE, READ
from resolvers.principal import Principal, PrincipalKind
from widgets_config.config import WidgetsConfig
from widgets_config.text_keys import TextKey
from widgets_config.texts import text
from widgets_config.theme import Theme

if TYPE_CHECKING:
    from datetime import datetime

    from starlette.requests import Request
    from starlette.responses import Response

    from models.portal_views import PortalSessionView
    from models.rows import Runner
    from models.views import CustomerView, EnvironmentView
    from plangate.contexts import Contexts
    from resolvers.context import Context

COOKIE: Final = "plangate_portal"
VISIT_PREFIX: Final = "pls"
LONGEST_MINUTES: Final = 60

_SECRET: Final = re.compile(r"pl[ks]_[0-9A-Za-z]{43}")


@dataclass(frozen=True, slots=True)
class Guest:
    """Whom a link or cookie stands for, and a context that may do what a customer token may."""

    ctx: Context
    session: PortalSessionView
    customer: CustomerView
    frame: Frame
    secret: str
    token_revoked: bool = False

    @property
    def expired(self) -> bool:
        """Whether the link may no longer be opened: by time, or because the merchant took all access back."""
        back = self.customer.tokens_not_before
        return (
            self.session.expires_at <= self.ctx.recorded_at
            or self.token_revoked
            or self.customer.archived_at is not None
            or (back is not None and self.session.created_at < back)
        )

    @property
    def over(self) -> bool:
        """Whether the visit has ended: by time, by leaving, or because the merchant took all access back."""
        ends, began, back = self.session.session_expires_at, self.session.spent_at, self.customer.tokens_not_before
        return (
            ends is None
            or ends <= self.ctx.recorded_at
            or self.token_revoked
            or self.customer.archived_at is not None
            or (back is not None and began is not None and began < back)
        )


class VisitOver(Exception):  # noqa: N818  (the visitor's, not ours)
    """There is no visit: the cookie is missing, unknown or expired, or its customer is gone."""

    def __init__(self, frame: Frame) -> None:
        """Keep what the page about it is framed with."""
        super().__init__()
        self.frame = frame


@dataclass(frozen=True, slots=True)
class Sessions:
    """Finds guests, and gives and takes cookies; `secure` cookies travel over HTTPS only."""

    contexts: Contexts
    secure: bool

    @property
    def cookie(self) -> str:
        """What the cookie is called."""
        return f"__Secure-{COOKIE}" if self.secure else COOKIE

    async def by_link(self, request: Request, secret: str) -> Guest | None:
        """Find whom a link was made for, spent or not."""
        return await self._guest(request, secret, spent=False)

    async def visit(self, request: Request) -> Guest:
        """Find who is visiting; raises `VisitOver`."""
        guest = await self._guest(request, request.cookies.get(self.cookie, ""), spent=True)
        if guest is None:
            raise VisitOver(nobody(request))
        if guest.over:
            raise VisitOver(guest.frame)
        return guest

    async def exchange(self, guest: Guest, response: Response) -> bool:
        """Spend a link and give the cookie for it; False where it was spent before, also a moment before."""
        ctx = guest.ctx
        length = timedelta(minutes=min(ctx.settings.portal_session_minutes, LONGEST_MINUTES))
        secret = ctx.secrets.new(VISIT_PREFIX)
        if guest.session.token_expires_at is not None:  # what a customer token opened ends with it
            length = min(length, guest.session.token_expires_at - ctx.recorded_at)
        digest, until = ctx.secrets.digest(secret), ctx.recorded_at + length
        if won := await ctx.worked(lambda work: work.portal.spend(guest.session.id, digest, ctx.recorded_at, until)):
            self._set(response, secret, int(length.total_seconds()))
        return won

    async def leave(self, guest: Guest) -> None:
        """End the visit for every browser that has its cookie."""
        await guest.ctx.worked(lambda work: work.portal.end(guest.session.id, guest.ctx.recorded_at))

    def forget(self, response: Response) -> None:
        """Take the cookie back."""
        self._set(response, "", 0)

    def _set(self, response: Response, value: str, seconds: int) -> None:
        response.set_cookie(
            self.cookie, value, max_age=seconds, path=HOME, secure=self.secure, httponly=True, samesite="lax"
        )

    async def _guest(self, request: Request, secret: str, *, spent: bool) -> Guest | None:
        if not _SECRET.fullmatch(secret):
            return None
        now = self.contexts.clock.now()
        digest = self.contexts.secrets.digest(secret)
        async with self.contexts.database.reading() as connection:
            sessions = PortalSessions(connection)
            session = await (sessions.by_session(digest) if spent else sessions.by_link(digest))
            if session is None:
                return None
            environment, customer = await _behind(connection, session)
            revoked = session.token_id is not None and await Keys(connection).token_revoked(
                session.environment_id, session.token_id
            )
        if environment is None or customer is None:
            return None
        ctx = self._context(session, environment, now)
        frame = _frame(request, ctx, session, customer, secret)
        if spent:
            frame = replace(frame, leave=Form(f"{HOME}/leave"))
        return Guest(ctx, session, customer, frame, secret, revoked)

    def _context(self, session: PortalSessionView, environment: EnvironmentView, now: datetime) -> Context:
        principal = Principal(
            PrincipalKind.CUSTOMER,
            frozenset({READ, MANAGE}),
            customer_id=session.customer_id,
            subscription_id=session.subscription_id or None,
        )
        return self.contexts.make(principal, environment, Channel.PORTAL, now=now)


def nobody(request: Request) -> Frame:
    """Frame a page for somebody of whom nothing is known, not even the merchant."""
    config = WidgetsConfig()
    locale = chosen_locale(config, _accepted(request), config.default_locale)
    merchant = text(config, TextKey.OVERVIEW_TITLE, locale)
    return Frame(merchant, locale, ZoneInfo("UTC"), "", config, style_href=style_href())


async def _behind(connection: Runner, session: PortalSessionView) -> tuple[EnvironmentView | None, CustomerView | None]:
    environment = await Environments(connection).by_id(session.environment_id)
    customer = await Customers(connection, session.environment_id).by_id(session.customer_id)
    return environment, customer


def _frame(request: Request, ctx: Context, session: PortalSessionView, customer: CustomerView, secret: str) -> Frame:
    config = ctx.widgets
    wanted = [session.locale, customer.locale, *_accepted(request)]
    return Frame(
        merchant=ctx.env.name,
        locale=chosen_locale(config, wanted, ctx.env.locale),
        zone=ZoneInfo(customer.zone) if customer.zone else ctx.env.zone,
        csrf_token=form_token(secret),
        config=config,
        style_href=style_href(),
        theme_href=None if config.theme == Theme() else theme_href(ctx.env.id, config.theme),
        return_href=_web_address(session.return_url),
    )


def _accepted(request: Request) -> list[str]:
    return accepted_languages(request.headers.get("accept-language"))


def _web_address(url: str | None) -> str | None:
    """Take an address back to the merchant; a link never runs a script."""
    return url if url is not None and urlsplit(url).scheme in ("http", "https") else None
