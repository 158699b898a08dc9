"""The hosted portal's doors: a link that is opened once, and behind it what a customer may see and do. (S8)

Everything is done by the resolvers that GraphQL asks, as the customer; so a hidden action is a refused one. Every
act answers with a redirect: reload and back repeat nothing. No page needs a script.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from starlette.routing import Route

from billing.dataclass import dataclass
from billing.lifecycle import SEEDED_REASONS, CancelReason, ChangeKind, ChangeStatus
from billing.refusals import ActionNotAllowed, AlreadyEnded, InvalidInput, NotFound, Refusal
from models.stores.environments import Environments
from models.views import ScheduledChangeView
from plangate.http.problems import ClientGone, Problem
from plangate.portal import cancelling
from plangate.portal.answers import HOME, gone, not_possible, own_style, page, refused, see, stylesheet
from plangate.portal.forms import read_form
from plangate.portal.overview import cancel_path, overview
from plangate.portal.pages import render_link_page, render_overview, render_spent
from plangate.portal.sessions import Guest, Sessions, VisitOver, nobody
from plangate.portal.views import (
    COMMENT_FIELD,
    COMMENT_LENGTH,
    REASON_FIELD,
    Form,
    LinkProblem,
    Outcome,
    PortalLink,
    SpentLink,
)
from resolvers.billing_portal_session_create import PortalFlow
from resolvers.cancellation_reason_give import TAKES_COMMENT, CancellationReasonGive, give_reason
from resolvers.nodes import node
from resolvers.scheduled_change_undo import ScheduledChangeUndo, undo_change
from resolvers.subscription_cancel import SubscriptionCancel, cancel
from resolvers.subscription_cancellation_undo import CancellationUndo, undo_cancellation
from widgets_config.config import WidgetsConfig
from widgets_config.text_keys import TextKey
from widgets_config.theme import theme_css

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from models.views import SubscriptionView
    from plangate.contexts import Contexts
    from plangate.portal.views import Frame

_ID: Final = re.compile(r"[a-z]{3}_[0-9a-z]{26}")
_PENDING: Final = "CANCELLATION_PENDING"


def routes(contexts: Contexts, *, secure_cookies: bool) -> list[Route]:
    """Make every door under `/portal`; `secure_cookies` where the outside comes by HTTPS."""
    portal = Portal(contexts, Sessions(contexts, secure_cookies))
    one = f"{HOME}/subscriptions/{{id}}"
    return [
        Route(f"{HOME}/style.css", portal.style),
        Route(f"{HOME}/theme.css", portal.answered(portal.theme)),
        Route(f"{HOME}/open/{{secret}}", portal.answered(portal.link)),
        Route(f"{HOME}/open/{{secret}}", portal.answered(portal.spend), methods=["POST"]),
        Route(HOME, portal.visited(portal.home)),
        Route(f"{HOME}/", portal.visited(portal.home)),
        Route(f"{HOME}/leave", portal.visited(portal.leave), methods=["POST"]),
        Route(f"{one}/cancel", portal.visited(portal.confirm)),
        Route(f"{one}/cancel", portal.visited(portal.cancel), methods=["POST"]),
        Route(f"{one}/keep", portal.visited(portal.keep), methods=["POST"]),
        Route(f"{one}/reason", portal.visited(portal.reason), methods=["POST"]),
        Route(f"{one}/status", portal.visited(portal.status)),
        Route(f"{one}/thanks", portal.visited(portal.thanks)),
        Route(f"{HOME}/changes/{{id}}/undo", portal.visited(portal.undo), methods=["POST"]),
        Route(f"{HOME}/changes/{{id}}", portal.visited(portal.change)),
        Route(f"{HOME}/{{rest:path}}", portal.visited(portal.nothing)),
    ]


@dataclass(frozen=True, slots=True)
class Portal:
    """What stands behind the doors. Whatever a browser can send, it gets a page."""

    contexts: Contexts
    sessions: Sessions

    def answered(self, door: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        """Turn what a door raises into pages for somebody unknown."""

        async def answer(request: Request) -> Response:
            try:
                return await door(request)
            except VisitOver as over:
                return self._over(over, request)
            except Problem as problem:
                return not_possible(nobody(request), problem.status, headers=problem.headers)
            except Refusal as refusal:
                return refused(nobody(request), refusal)
            except ClientGone:
                return gone()

        return answer

    def visited(
        self, door: Callable[[Guest, Request], Awaitable[Response]]
    ) -> Callable[[Request], Awaitable[Response]]:
        """Let visitors in only, and turn what a door raises into pages for them."""

        async def answer(request: Request) -> Response:
            guest = await self.sessions.visit(request)
            try:
                return await door(guest, request)
            except Problem as problem:
                return not_possible(guest.frame, problem.status, headers=problem.headers)
            except Refusal as refusal:
                return refused(guest.frame, refusal)

        return self.answered(answer)

    async def style(self, _request: Request) -> Response:
        """Answer the portal's own stylesheet."""
        return stylesheet(own_style())

    async def theme(self, request: Request) -> Response:
        """Answer the theme of an environment; it is no secret."""
        environment_id = _checked(request.query_params.get("environment", ""), "Environment")
        async with self.contexts.database.reading() as connection:
            environment = await Environments(connection).by_id(environment_id)
        if environment is None:
            raise _none("Environment")
        return stylesheet(theme_css(WidgetsConfig.model_validate(environment.widgets).theme))

    async def link(self, request: Request) -> Response:
        """Show what a link is for; looking at it spends nothing. Who opened it and comes back is let in."""
        found = await self._unspent(request)
        if not isinstance(found, Guest):
            return found
        form = Form(f"{HOME}/open/{found.secret}")
        return page(render_link_page(PortalLink(found.frame, form, found.session.expires_at)))

    async def spend(self, request: Request) -> Response:
        """Exchange a link for a cookie, once, and lead away from its address at once."""
        found = await self._unspent(request)
        if not isinstance(found, Guest):
            return found
        await self._form(found, request)
        session = found.session
        to_cancel = session.flow == PortalFlow.SUBSCRIPTION_CANCEL.value and session.subscription_id
        response = see(cancel_path(session.subscription_id) if to_cancel else HOME)
        if not await self.sessions.exchange(found, response):
            return _spent(found.frame, LinkProblem.USED)
        return response

    async def home(self, guest: Guest, _request: Request) -> Response:
        """Show the overview."""
        return page(render_overview(await overview(guest)))

    async def leave(self, guest: Guest, request: Request) -> Response:
        """End the visit."""
        await self._form(guest, request)
        await self.sessions.leave(guest)
        response = page(render_spent(SpentLink(guest.frame, LinkProblem.SESSION_ENDED)))
        self.sessions.forget(response)
        return response

    async def confirm(self, guest: Guest, request: Request) -> Response:
        """Ask once more, or say how it stands. (R1, T6)"""
        return page(await cancelling.confirm_page(guest, await _held(guest, request)))

    async def cancel(self, guest: Guest, request: Request) -> Response:
        """Cancel as the confirmation page said; where that is no longer so, show it again."""
        fields = await self._form(guest, request)
        view = await _held(guest, request)
        try:
            seen, now = fields.get(cancelling.SHOWN_FIELD), cancelling.shown(await cancelling.preview_of(guest, view))
            if seen is not None and seen != now:
                return see(cancel_path(view.id))
            meant = None if seen is None else view.facts.plan_id  # what nobody was shown ends no plan of after an end
            await cancel(guest.ctx, SubscriptionCancel(view.id, plan=meant))
        except AlreadyEnded:
            return see(cancelling.status_path(view.id))
        except ActionNotAllowed as refusal:
            if refusal.reason_code != _PENDING:
                raise
            return see(cancel_path(view.id))
        return see(cancelling.status_path(view.id))

    async def keep(self, guest: Guest, request: Request) -> Response:
        """Take a cancellation back. (K14)"""
        await self._form(guest, request)
        view = await _held(guest, request)
        try:
            await undo_cancellation(guest.ctx, CancellationUndo(view.id))
        except AlreadyEnded:
            return page(await cancelling.status_page(guest, view, Outcome.ALREADY_ENDED), 409)
        return see(cancelling.status_path(view.id))

    async def reason(self, guest: Guest, request: Request) -> Response:
        """Keep why; no answer is an answer too. (T3, T9)"""
        fields = await self._form(guest, request)
        view = await _held(guest, request)
        code = fields.get(REASON_FIELD, "")
        if not code:
            return see(cancelling.status_path(view.id))
        if code not in {reason.value for reason in SEEDED_REASONS}:
            return not_possible(guest.frame, 422)
        reason = CancelReason(code)
        comment = fields.get(COMMENT_FIELD, "").replace("\r\n", "\n").strip() if reason in TAKES_COMMENT else ""
        try:
            await give_reason(guest.ctx, CancellationReasonGive(view.id, reason, comment or None))
        except InvalidInput:
            return not_possible(guest.frame, 422, _too_long(guest, reason) if len(comment) > COMMENT_LENGTH else None)
        return see(f"{HOME}/subscriptions/{view.id}/thanks")

    async def status(self, guest: Guest, request: Request) -> Response:
        """Say how a subscription stands after an act."""
        view = await _held(guest, request)
        outcome = cancelling.outcome_of(view)
        return see(HOME) if outcome is None else page(await cancelling.status_page(guest, view, outcome))

    async def thanks(self, guest: Guest, request: Request) -> Response:
        """Thank for a reason that was given."""
        view = await _held(guest, request)
        if view.cancellation is None or view.cancellation.reason is None:
            return see(cancelling.status_path(view.id))
        return page(await cancelling.thanks_page(guest, view))

    async def undo(self, guest: Guest, request: Request) -> Response:
        """Take a planned change back."""
        await self._form(guest, request)
        change_id = _checked(request.path_params["id"], "ScheduledChange")
        await undo_change(guest.ctx, ScheduledChangeUndo(change_id))
        return see(f"{HOME}/changes/{change_id}")

    async def change(self, guest: Guest, request: Request) -> Response:
        """Say that a planned change was taken back, where it was."""
        change = await node(guest.ctx, _checked(request.path_params["id"], "ScheduledChange"))
        if not isinstance(change, ScheduledChangeView):
            raise _none("ScheduledChange")
        if change.kind is ChangeKind.CANCEL:
            return see(cancelling.status_path(change.subscription_id))
        if change.status is not ChangeStatus.UNDONE:
            return see(HOME)
        view = await cancelling.held(guest, change.subscription_id)
        return page(await cancelling.change_undone_page(guest, view))

    async def nothing(self, _guest: Guest, _request: Request) -> Response:
        """Say that there is no such page."""
        raise _none("Page")

    async def _form(self, guest: Guest, request: Request) -> dict[str, str]:
        return await read_form(request, guest.secret, self.contexts.settings.public_url)

    async def _unspent(self, request: Request) -> Guest | Response:
        """Find a link that can be opened, or the page for one that cannot."""
        found = await self.sessions.by_link(request, request.path_params["secret"])
        if found is None:
            return _spent(nobody(request), LinkProblem.EXPIRED, 404)
        if found.session.spent_at is not None:
            back = request.method != "POST" and await self._opened_here(found, request)
            return see(HOME) if back else _spent(found.frame, LinkProblem.USED)
        return _spent(found.frame, LinkProblem.EXPIRED) if found.expired else found

    async def _opened_here(self, found: Guest, request: Request) -> bool:
        try:
            return (await self.sessions.visit(request)).session.id == found.session.id
        except VisitOver:
            return False

    def _over(self, over: VisitOver, request: Request) -> Response:
        response = _spent(over.frame, LinkProblem.SESSION_ENDED, 403)
        if self.sessions.cookie in request.cookies:
            self.sessions.forget(response)
        return response


def _spent(frame: Frame, problem: LinkProblem, status: int = 410) -> Response:
    return page(render_spent(SpentLink(frame, problem)), status)


async def _held(guest: Guest, request: Request) -> SubscriptionView:
    return await cancelling.held(guest, _checked(request.path_params["id"], "Subscription"))


def _checked(given: str, what: str) -> str:
    """Take an id that can be one of ours; any other leads nowhere, in the same words."""
    if not _ID.fullmatch(given):
        raise _none(what)
    return given


def _none(what: str) -> NotFound:
    return NotFound(f"There is no such {what} here.", what=what)


def _too_long(guest: Guest, reason: CancelReason) -> str:
    return guest.frame.text(TextKey.REASON_COMMENT_HINT, reason=guest.frame.text(f"reason_{reason.value}"))
