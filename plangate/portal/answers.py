"""Sending portal pages: never stored, never framed, and without a trace of the address in what follows."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from starlette.responses import HTMLResponse, RedirectResponse, Response

from billing.refusals import (
    ActionNotAllowed,
    IdempotencyInProgress,
    InvalidInput,
    MerchantOnly,
    NotFound,
    ScopeMissing,
    TemporarilyUnavailable,
)
from plangate.portal.pages import CONTENT_SECURITY_POLICY, render_status
from plangate.portal.views import Action, Outcome, StatusPage
from widgets_config.config import support_address
from widgets_config.text_keys import TextKey
from widgets_config.theme import theme_css

if TYPE_CHECKING:
    from collections.abc import Mapping

    from billing.refusals import Refusal
    from plangate.portal.views import Frame
    from widgets_config.theme import Theme

HOME: Final = "/portal"
INVOICES: Final = "/invoices"
RETRY_SECONDS: Final = 2
STYLE_SECONDS: Final = 3600

HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_STATUSES: Final[Mapping[type[Refusal], int]] = {
    InvalidInput: 422,
    NotFound: 404,
    ActionNotAllowed: 403,
    MerchantOnly: 403,
    ScopeMissing: 403,
    TemporarilyUnavailable: 503,
    IdempotencyInProgress: 503,
}
_CONFLICT: Final = 409
_UNAVAILABLE: Final = 503


def page(html: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Answer a page."""
    return HTMLResponse(html, status, headers={**HEADERS, **(headers or {})})


def see(path: str) -> Response:
    """Send the browser on to a path of ours with a GET, so that reload and back repeat nothing."""
    return RedirectResponse(path, 303, headers=dict(HEADERS))


def gone() -> Response:
    """Answer nobody: the client hung up."""
    return Response(status_code=400, headers=dict(HEADERS))


def refused(frame: Frame, problem: Refusal) -> Response:
    """Say that it was not possible, with the merchant's instructions where there are any. (P14)"""
    status = _STATUSES.get(type(problem), _CONFLICT)
    headers = {"Retry-After": str(RETRY_SECONDS)} if status == _UNAVAILABLE else None
    return not_possible(frame, status, _reason(frame, problem), headers)


def not_possible(
    frame: Frame, status: int, message: str | None = None, headers: Mapping[str, str] | None = None
) -> Response:
    """Say that nothing was changed, and why as far as there are words for it."""
    address = support_address(frame.config)
    actions = () if address is None else (_support(frame, address),)
    shown = StatusPage(frame, Outcome.REFUSED, HOME, message=message, actions=actions)
    return page(render_status(shown), status, headers)


def stylesheet(css: str) -> Response:
    """Answer a stylesheet; its address changes with its content."""
    headers = {**HEADERS, "Cache-Control": f"public, max-age={STYLE_SECONDS}"}
    return Response(css, media_type="text/css", headers=headers)


@cache
def own_style() -> str:
    """The portal's own stylesheet."""
    return files("plangate.portal").joinpath("style.css").read_text(encoding="utf-8")


def style_href() -> str:
    """Where the portal's own stylesheet is."""
    return f"{HOME}/style.css?v={_version(own_style())}"


def theme_href(environment_id: str, theme: Theme) -> str:
    """Where an environment's theme is; the link page needs it too, so it is found without a visit."""
    return f"{HOME}/theme.css?environment={environment_id}&v={_version(theme_css(theme))}"


@cache
def _version(css: str) -> str:
    return hashlib.sha256(css.encode()).hexdigest()[:12]


def _reason(frame: Frame, problem: Refusal) -> str | None:
    if isinstance(problem, ActionNotAllowed):
        return problem.instructions or frame.text(TextKey.REFUSED_NOT_ALLOWED)
    if isinstance(problem, NotFound):
        return frame.text(TextKey.REFUSED_NOT_AVAILABLE)
    return None


def _support(frame: Frame, address: str) -> Action:
    return Action("CONTACT_SUPPORT", frame.action_label("CONTACT_SUPPORT"), href=address)
