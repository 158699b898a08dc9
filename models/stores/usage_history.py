"""What the ledger sums to, piece by piece of time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, case, column, select, values

from billing.entitlements.levels import height, merged
from billing.entitlements.sources import Counter
from models.rows import Runner, rows
from models.stores.counters import Counted, window_of
from models.stores.levels import levels
from models.sums import halves_of, whole
from models.tables.base import table
from models.tables.entitlement import UsageRow
from models.types import Instant, Int64
from models.views import UsageSum

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from billing.calendar import Period
    from models.views import FeatureView

U = table(UsageRow)


class UsageHistory:
    """The ledger of one environment, in sums."""

    def __init__(self, run: Runner, environment_id: str) -> None:
        """Run on this connection or session, for one environment."""
        self._run = run
        self._env = environment_id

    async def sums(
        self, customer_id: str, feature_id: str, resource: str | None, pieces: Sequence[Period]
    ) -> list[UsageSum]:
        """Sum each piece; None asks for every resource. One range of the index is read for each piece and scope."""
        if not pieces:
            return []
        named = (U.c.environment_id == self._env, U.c.customer_id == customer_id, U.c.feature_id == feature_id)
        scopes = [each["scope"] for each in await rows(self._run, select(U.c.scope).where(*named).distinct())]
        listed = values(column("place", Int64), column("start", Instant), column("finish", Instant), name="piece")
        piece = listed.data([(place, each.start, each.end) for place, each in enumerate(pieces)]).cte("piece")
        inside = and_(
            *named,
            U.c.scope.in_(scopes),
            U.c.occurred_at >= piece.c.start,
            U.c.occurred_at < piece.c.finish,
            *(() if resource is None else (U.c.resource == resource,)),
        )
        used, corrected = (case((each, U.c.amount), else_=0) for each in (U.c.amount > 0, U.c.amount < 0))
        names = ("used_high", "used_low", "corrected_high", "corrected_low")
        parts = (*halves_of(used), *halves_of(corrected))
        halves = [half.label(name) for half, name in zip(parts, names, strict=True)]
        asked = select(piece.c.place, *halves).join_from(piece, U, inside).group_by(piece.c.place)
        found = {int(each["place"]): each for each in await rows(self._run, asked)}
        return [_usage_sum(found[place]) if place in found else UsageSum() for place in range(len(pieces))]

    async def heights(
        self, customer_id: str, feature: FeatureView, resource: str | None, pieces: Sequence[Period]
    ) -> list[UsageSum]:
        """Tell what a level came to in each piece; None adds up the resources. What was taken back never stood."""
        named = (U.c.environment_id == self._env, U.c.customer_id == customer_id, U.c.feature_id == feature.id)
        scopes = [each["scope"] for each in await rows(self._run, select(U.c.scope).where(*named).distinct())]
        counted = [
            Counted(customer_id, feature.id, Counter(scope, piece.start, piece.end), feature.aggregation)
            for piece in pieces
            for scope in scopes
        ]
        found = await levels(self._run, [window_of(each, None) for each in counted])
        told = [merged(found[place : place + len(scopes)]) for place in range(0, len(found), len(scopes) or 1)]
        kept = [{of: each[of] for of in each if resource in (None, of)} for each in told]
        return [UsageSum(height(each, feature.aggregation)) for each in kept] or [UsageSum() for _ in pieces]


def _usage_sum(found: Mapping[str, Any]) -> UsageSum:
    """Put the halves of a piece together."""
    used, corrected = (whole(found[f"{part}_high"], found[f"{part}_low"]) for part in ("used", "corrected"))
    return UsageSum(used, corrected)
