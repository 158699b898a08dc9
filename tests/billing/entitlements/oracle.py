"""The rules of entitlements once more, from their prose, as slowly and plainly as possible.

Nothing of the engine but its values is used: windows are found by stepping, consumption burns token by token,
every comparison is a sort of plain tuples with infinity for what is unlimited.
"""

from __future__ import annotations

import calendar
import math
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from billing.entitlements.sources import (
        AddOnSource,
        Allowance,
        Give,
        Json,
        Override,
        Sources,
        SubscriptionSource,
        Usage,
    )

END_OF_TIME = datetime(9999, 1, 1, tzinfo=UTC)
TELLS_MORE = ["TRIAL_ENDED", "PAST_DUE", "UNPAID", "PAUSED", "INCOMPLETE", "SUBSCRIPTION_NOT_STARTED"]
TELLS_MORE.append("SUBSCRIPTION_ENDED")
ABSENT = {"NO_ACTIVE_SUBSCRIPTION", "NOT_IN_PLAN", *TELLS_MORE}


class NameOne(Exception):  # noqa: N818  (an answer)
    """Several resources have it."""


# -- windows: step from boundary to boundary ---------------------------------------------------------------------


@cache
def to_utc(wall: datetime, zone: ZoneInfo) -> datetime:
    """The first instant whose clock shows at least this wall time, found among the offsets of the days around."""
    around = [wall.replace(tzinfo=UTC) + timedelta(hours=hours) for hours in range(-50, 51)]
    offsets = {at.astimezone(zone).utcoffset() or timedelta() for at in around}
    exact = sorted(wall.replace(tzinfo=UTC) - offset for offset in offsets)
    exact = [at for at in exact if at.astimezone(zone).replace(tzinfo=None) == wall]
    if exact:
        return exact[0]
    minute = wall.replace(tzinfo=UTC, second=0, microsecond=0) - timedelta(hours=50)
    while minute.astimezone(zone).replace(tzinfo=None) < wall:
        minute += timedelta(minutes=1)
    return minute


def nth(anchor: datetime, reset: str, n: int, zone: ZoneInfo) -> datetime:
    """Boundary n of a reset, 0 being the anchor."""
    if n == 0:
        return anchor
    if reset == "HOUR":
        return anchor + n * timedelta(hours=1)
    wall = anchor.astimezone(zone).replace(tzinfo=None, fold=0)
    if reset in ("DAY", "WEEK"):
        return to_utc(wall + timedelta(days=n * (7 if reset == "WEEK" else 1)), zone)
    month = wall.year * 12 + wall.month - 1 + n * (12 if reset == "YEAR" else 1)
    year, month = month // 12, month % 12 + 1
    return to_utc(wall.replace(year=year, month=month, day=min(wall.day, calendar.monthrange(year, month)[1])), zone)


def window(anchor: datetime, reset: str, at: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The two boundaries around an instant; from the anchor in growing and shrinking strides."""
    n, stride = 0, 1
    while nth(anchor, reset, n, zone) <= at:
        n, stride = n + stride, stride * 2
    stride = 1
    while nth(anchor, reset, n, zone) > at:
        n, stride = n - stride, stride * 2
    while nth(anchor, reset, n + 1, zone) <= at:
        n += 1
    return nth(anchor, reset, n, zone), nth(anchor, reset, n + 1, zone)


def calendar_window(reset: str, at: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The local day, week from Monday, month or year; hours run on from local midnight of 1 January 2001."""
    if reset == "HOUR":
        start = to_utc(datetime(2001, 1, 1), zone)
        start += (at - start) // timedelta(hours=1) * timedelta(hours=1)
        return start, start + timedelta(hours=1)
    day = at.astimezone(zone).replace(tzinfo=None, hour=0, minute=0, second=0, microsecond=0, fold=0)
    if reset == "DAY":
        first, last = day, day + timedelta(days=1)
    elif reset == "WEEK":
        first = day - timedelta(days=day.weekday())
        last = first + timedelta(days=7)
    elif reset == "MONTH":
        first = day.replace(day=1)
        last = (first + timedelta(days=31)).replace(day=1)
    else:
        first = day.replace(month=1, day=1)
        last = first.replace(year=first.year + 1)
    return to_utc(first, zone), to_utc(last, zone)


# -- what the sources say ----------------------------------------------------------------------------------------


def give_of(source: SubscriptionSource | AddOnSource) -> Give | None:
    """What this plan or add-on gives of the feature, which is the only one that is asked about."""
    return next(iter(source.gives.values()), None)


def lists_it(source: SubscriptionSource | AddOnSource, kind: str) -> bool:
    """Whether this plan or add-on gives the feature."""
    give = give_of(source)
    if give is None:
        return False
    return give.granted if kind == "BOOLEAN" else True


def real_add_ons(s: SubscriptionSource, kind: str) -> list[AddOnSource]:
    """The add-ons that are there and give it."""
    return [a for a in s.add_ons if a.quantity >= 1 and lists_it(a, kind)]


def giving(src: Sources, resource: str) -> list[SubscriptionSource]:
    """The subscriptions that give the feature for this resource, oldest first."""
    assert src.feature is not None
    kind = src.feature.kind.value
    found = [s for s in src.subscriptions if s.no_access is None and s.resource in {"", resource}]
    found = [s for s in found if lists_it(s, kind) or real_add_ons(s, kind)]
    return sorted(found, key=lambda s: (s.created_at, s.subscription_id))


def resources(src: Sources) -> list[str]:
    """Whose own subscriptions give it."""
    names = {s.resource for s in src.subscriptions if s.resource}
    return sorted(name for name in names if any(s.resource == name for s in giving(src, name)))


def times(limit: int | None, quantity: int) -> float:
    """A limit so many times; None is infinite."""
    return math.inf if limit is None else limit * quantity


def ladder(s: SubscriptionSource) -> tuple[float, Any]:
    """The limit of one subscription and the give that sets reset, hardness and priority."""
    own = give_of(s)
    plan = 0.0 if own is None else times(own.limit, s.quantity if own.per_quantity else 1)
    gives = [(times(give.limit, a.quantity), give) for a in real_add_ons(s, "METERED") if (give := give_of(a))]
    instead = [g for g in gives if g[1].behaviour.value == "REPLACE"]
    besides = [g for g in gives if g[1].behaviour.value == "ADD"]
    total, base = plan, own
    if instead and plan != math.inf:
        total, base = next(g for g in instead if g[0] == max(size for size, _ in instead))
    total += sum(size for size, _ in besides)
    if base is None:
        base = next(give for size, give in besides if size == max(size for size, _ in besides))
    return total, base


def winner(src: Sources, resource: str) -> tuple[float, Any, SubscriptionSource] | None:
    """The limit that wins, its give and its subscription: the larger, then the older."""
    best = None
    for s in giving(src, resource):
        total, base = ladder(s)
        if best is None or total > best[0]:
            best = (total, base, s)
    return best


def count(src: Sources, resource: str, at: datetime) -> tuple[str, datetime | None, datetime | None]:
    """Scope and window of the counter."""
    best = winner(src, resource)
    if best is None:
        return resource, None, None
    _, base, s = best
    if base.reset.value == "NEVER":
        return s.resource, None, None
    if base.reset.value == "SUBSCRIPTION_PERIOD":
        return s.resource, s.period.start, s.period.end
    if base.reset_anchor.value == "CALENDAR":
        return (s.resource, *calendar_window(base.reset.value, at, s.zone))
    return (s.resource, *window(s.anchor, base.reset.value, at, s.zone))


def standing_override(src: Sources, resource: str, at: datetime) -> Override | None:
    """The resource's own, else the customer's; of several the last begun."""
    for scope in (resource, ""):
        alive = [o for o in src.overrides if o.resource == scope and o.starts_at <= at < (o.ends_at or END_OF_TIME)]
        if alive:
            return max(alive, key=lambda o: (o.starts_at, o.id))
    return None


def alive_allowances(src: Sources, resource: str, at: datetime) -> list[Allowance]:
    """Those that run, for this resource or the customer, in burning order."""
    alive = [a for a in src.allowances if a.resource in {"", resource}]
    alive = [a for a in alive if a.starts_at <= at < (a.expires_at or END_OF_TIME)]
    return sorted(alive, key=lambda a: (a.priority, a.expires_at or END_OF_TIME, a.created_at, a.id))


def missing(src: Sources, resource: str) -> str:
    """Why there is nothing."""
    heard = [s for s in src.subscriptions if not resource or s.resource in {"", resource}]
    if not heard:
        return "NO_ACTIVE_SUBSCRIPTION"
    if any(s.no_access is None for s in heard):
        return "NOT_IN_PLAN"
    newest = max(s.created_at for s in heard)
    names = [(TELLS_MORE.index(s.no_access.value), s.no_access.value) for s in heard if s.no_access]
    made = [s.created_at for s in heard]
    return min(name for name, created in zip(names, made, strict=True) if created == newest)[1]


# -- the answers -------------------------------------------------------------------------------------------------


def answer(src: Sources, usage: Usage, at: datetime, asked: str, requested: Json) -> dict[str, Any]:
    """Access, reason, resource, numbers and value."""
    plain: dict[str, Any] = {"resource": asked, "has_access": False, "value": None, "limit": None, "unlimited": False}
    plain |= {"remaining": None, "over_by": 0, "allowance_left": 0, "window_start": None, "resets_at": None}
    for wrong, reason in (
        (not src.customer_known, "CUSTOMER_NOT_FOUND"),
        (src.feature is None, "FEATURE_NOT_FOUND"),
        (src.feature is not None and src.feature.archived, "FEATURE_ARCHIVED"),
        (src.customer_archived, "CUSTOMER_ARCHIVED"),
    ):
        if wrong:
            return plain | {"reason": reason}
    assert src.feature is not None
    kind, names = src.feature.kind.value, resources(src)
    if asked or not names:
        meant = [asked]
    elif len(names) == 1:
        meant = names
    elif kind == "BOOLEAN":
        meant = [*names, ""]
    else:
        raise NameOne
    rule = {"BOOLEAN": boolean, "CONFIG": config, "METERED": metered}[kind]
    answers = [plain | {"resource": resource} | rule(src, usage, at, resource, requested) for resource in meant]
    return next((one for one in answers if one["has_access"]), answers[0])


def boolean(src: Sources, _usage: Usage, at: datetime, resource: str, _requested: Json) -> dict[str, Any]:
    """Any true wins unless overridden."""
    over = standing_override(src, resource, at)
    if over:
        return {"has_access": not over.revoked, "reason": "REVOKED" if over.revoked else "GRANTED"}
    if giving(src, resource) or alive_allowances(src, resource, at):
        return {"has_access": True, "reason": "GRANTED"}
    return {"reason": missing(src, resource)}


def config(src: Sources, _usage: Usage, at: datetime, resource: str, requested: Json) -> dict[str, Any]:
    """The override, else a granted value, else the highest rank."""
    assert src.feature is not None
    assert src.feature.config_type is not None
    kind = src.feature.config_type.value
    over = standing_override(src, resource, at)
    granted = [a.value for a in alive_allowances(src, resource, at) if a.value is not None]
    ranked = sorted(giving(src, resource), key=lambda s: -s.plan_rank)
    if over and over.revoked:
        return {"reason": "REVOKED"}
    if not (over or granted or ranked):
        return {"reason": missing(src, resource)}
    value = over.value if over else granted[0] if granted else plan_value(ranked[0], kind)
    if kind == "NUMBER":
        fine = isinstance(requested, int) and isinstance(value, int) and requested <= value
    elif kind == "ENUM":
        fine = requested == value or (isinstance(value, list) and requested in value)
    else:
        fine = requested == value
    if requested is not None and not fine:
        return {"reason": "VALUE_NOT_ALLOWED", "value": value}
    return {"has_access": True, "reason": "GRANTED", "value": value}


def plan_value(s: SubscriptionSource, kind: str) -> Any:
    """The plan's value with its add-ons."""
    own = give_of(s)
    value: Any = own.value if own else None
    gives = [(give, a.quantity) for a in real_add_ons(s, "CONFIG") if (give := give_of(a))]
    instead = [give.value for give, _ in gives if give.behaviour.value == "REPLACE"]
    besides = [(give.value, quantity) for give, quantity in gives if give.behaviour.value == "ADD"]
    if kind == "NUMBER":
        numbers = [v for v in instead if isinstance(v, int)]
        if instead:
            value = max(numbers) if numbers else instead[0]
        summands = [more for more, quantity in besides for _ in range(quantity) if isinstance(more, int)]
        if summands:
            value = sum(summands, value if isinstance(value, int) else 0)
        return value
    if instead:
        return instead[0]
    return besides[0][0] if own is None else value


def metered(src: Sources, usage: Usage, at: datetime, resource: str, requested: Json) -> dict[str, Any]:
    """Limit, allowances on top, override instead of both."""
    over = standing_override(src, resource, at)
    best = winner(src, resource)
    _, start, end = count(src, resource, at)
    alive = alive_allowances(src, resource, at)
    found: dict[str, Any] = {"window_start": start, "resets_at": end, "remaining": 0}
    if over and over.revoked:
        return found | {"reason": "REVOKED"}
    if not over and not best and not alive:
        return found | {"reason": missing(src, resource)}
    extra = 0 if over else sum(len(range(a.used, a.amount)) for a in alive)
    limit, hard = (times(over.limit, 1), over.hard) if over else (best[0], best[1].hard) if best else (0.0, True)
    held = usage.used + usage.reserved
    left = math.inf if limit == math.inf else max(0, limit - held) + extra
    found |= {"allowance_left": extra, "unlimited": limit == math.inf}
    found["remaining"] = None if left == math.inf else left
    found["limit"] = None if limit == math.inf or not (over or best) else limit
    found["over_by"] = max(0, held - limit) if limit != math.inf and (over or best) else 0
    asked = requested if isinstance(requested, int) else 1
    if not hard or left >= asked:
        return found | {"reason": "GRANTED", "has_access": True}
    return found | {"reason": "LIMIT_REACHED" if left == 0 else "REQUESTED_EXCEEDS_LIMIT"}


def burn_tokens(src: Sources, usage: Usage, amount: int, at: datetime, resource: str) -> tuple[int, dict[str, int]]:
    """Take tokens one at a time from whichever pot is first in order and not empty; from nowhere is from the limit."""
    meant = resource or next(iter(resources(src)), "")
    best = winner(src, meant)
    if standing_override(src, meant, at):
        return amount, {}
    pots: list[tuple[tuple[Any, ...], str, list[None]]] = [
        ((a.priority, a.expires_at or END_OF_TIME, a.created_at, 1, a.id), a.id, [None] * (a.amount - a.used))
        for a in alive_allowances(src, meant, at)
    ]
    if best:
        size = amount if best[0] == math.inf else max(0, int(best[0]) - usage.used - usage.reserved)
        end = count(src, meant, at)[2] or END_OF_TIME
        pots.append(((best[1].priority, end, best[2].created_at, 0, ""), "", [None] * min(size, amount)))
    taken: dict[str, int] = {}
    for _ in range(amount):
        name = ""
        for _, pot, tokens in sorted(pots, key=lambda p: p[0]):
            if tokens:
                tokens.pop()
                name = pot
                break
        taken[name] = taken.get(name, 0) + 1
    return taken.pop("", 0), taken
