"""Preview tokens: what was shown is what is done, to the unit, or the act is refused and shown anew. (K10)

A token holds the exact instant, a digest of what was asked, and one of all that the act was seen to decide and to do to
money. Nothing is kept of it; the environment signs it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, TypeVar

from billing.dataclass import dataclass
from billing.preview_refusals import PreviewRequired, StalePreview, StaleReason
from billing.refusals import InvalidInput
from resolvers.access import merchant_argument
from resolvers.acts import fingerprint
from resolvers.effects import before, effects, moved, told_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from models.views import SubscriptionView
    from models.work import Work
    from resolvers.context import Context
    from resolvers.effects import Effects

LIFETIME: Final = timedelta(minutes=30)
"""For so long a preview holds."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_DIGITS: Final = 32
"""Of a digest in hex that a token holds."""

_MESSAGES: Final = {
    StaleReason.EXPIRED: "This was shown too long ago: look at the new preview, and pass its token.",
    StaleReason.ANOTHER_REQUEST: "Something else was shown than is asked for: look at the new preview.",
    StaleReason.MOVED_ON: "This would do something else by now than was shown: look at the new preview.",
}
Outcome = TypeVar("Outcome")


@dataclass(frozen=True, slots=True)
class Shown:
    """What a preview showed: the instant to which it was reckoned, and digests of what was asked and what was done."""

    at: datetime
    asked: str
    done: str


@dataclass(frozen=True, slots=True)
class Decided:
    """What an act decided besides money: when it takes effect, and all else in plain values."""

    takes_effect: datetime
    what: object


def digest(value: object) -> str:
    """Digest what was asked, or done."""
    return fingerprint(value)[:_DIGITS]


def digest_of(decided: Decided, made: Effects, currency: str) -> str:
    """Digest what an act decided and did."""
    return digest([decided, told_of(made, currency)])


def token_of(ctx: Context, shown: Shown) -> str | None:
    """Make a token; customers get none, since the policy decides for them."""
    if not ctx.principal.merchant:
        return None
    return ctx.previews.make(ctx.env.id, f"{(shown.at - _EPOCH) // _MICROSECOND:x}.{shown.asked}.{shown.done}")


def shown_by(ctx: Context, token: str | None) -> Shown | None:
    """Read a token; refuses one that was not made here."""
    merchant_argument(ctx, "previewToken", given=token is not None)
    if token is None:
        return None
    said = ctx.previews.read(ctx.env.id, token)
    if said is None:
        raise InvalidInput("This is no preview token of this environment.", field="previewToken")
    at, asked, seen = said.split(".")
    return Shown(_EPOCH + int(at, 16) * _MICROSECOND, asked, seen)


async def shown_first(
    work: Work, view: SubscriptionView, act: Callable[[Work, datetime], Awaitable[tuple[Decided, Outcome]]]
) -> Outcome:
    """Carry an act out now, and refuse it where it would move money, which nobody was shown."""
    was = await before(work, view, work.at)
    _, outcome = await act(work, work.at)
    if moved(was, await effects(work, view, was, work.at)):
        raise PreviewRequired(
            "This would move money: look at the preview, and ask again with its token.", field="previewToken"
        )
    return outcome


async def as_shown(
    work: Work,
    view: SubscriptionView,
    shown: Shown,
    asked: object,
    act: Callable[[Work, datetime], Awaitable[tuple[Decided, Outcome]]],
) -> Outcome:
    """Carry an act out as of the instant at which it was shown, and refuse where it would do anything else.

    Money and the facts count from that instant; what is told of them happens now.
    """
    if shown.asked != digest(asked):
        raise stale(StaleReason.ANOTHER_REQUEST)
    if not shown.at <= work.at <= shown.at + LIFETIME:
        raise stale(StaleReason.EXPIRED)
    if await work.subscriptions.changed_since(view.id, shown.at):
        raise stale(StaleReason.MOVED_ON)
    was = await before(work, view, shown.at)
    decided, outcome = await act(work, shown.at)
    made = await effects(work, view, was, shown.at)
    overtaken = shown.at < decided.takes_effect <= work.at
    if overtaken or digest_of(decided, made, view.facts.currency) != shown.done:
        raise stale(StaleReason.MOVED_ON)
    return outcome


def stale(reason: StaleReason) -> StalePreview:
    """Refuse; whoever asked adds the new preview."""
    return StalePreview(_MESSAGES[reason], field="previewToken", stale_reason=reason)
