"""Portal links and the sessions they become."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from models.portal_views import PortalSessionView
from models.rows import Runner, add, changed, row
from models.tables.base import table
from models.tables.customer import PortalSessionRow

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any

P = table(PortalSessionRow)


class PortalSessions:
    """Found by digest before an environment is known, so not bound to one."""

    def __init__(self, run: Runner) -> None:
        """Run on this connection."""
        self._run = run

    async def add(self, session: PortalSessionRow) -> None:
        """Keep a new link."""
        await add(self._run, session)

    async def by_id(self, environment_id: str, session_id: str) -> PortalSessionView | None:
        """Find a session of an environment."""
        found = await row(self._run, select(P).where(P.c.id == session_id, P.c.environment_id == environment_id))
        return _session(found) if found else None

    async def by_link(self, digest: str) -> PortalSessionView | None:
        """Find what a link leads to."""
        found = await row(self._run, select(P).where(P.c.link_digest == digest))
        return _session(found) if found else None

    async def by_session(self, digest: str) -> PortalSessionView | None:
        """Find the session of a cookie."""
        found = await row(self._run, select(P).where(P.c.session_digest == digest))
        return _session(found) if found else None

    async def spend(self, session_id: str, session_digest: str, at: datetime, expires_at: datetime) -> bool:
        """Exchange a link for a session, once; False where it was spent before."""
        spent = update(P).where(P.c.id == session_id, P.c.spent_at.is_(None))
        values = {"spent_at": at, "session_digest": session_digest, "session_expires_at": expires_at}
        return await changed(self._run, spent.values(values)) == 1

    async def end(self, session_id: str, at: datetime) -> None:
        """End a session before its time; one that is over stays as it was."""
        ended = update(P).where(P.c.id == session_id, P.c.session_expires_at > at)
        await self._run.execute(ended.values(session_expires_at=at))


def _session(found: Mapping[str, Any]) -> PortalSessionView:
    return PortalSessionView(
        id=found["id"],
        environment_id=found["environment_id"],
        customer_id=found["customer_id"],
        subscription_id=found["subscription_id"],
        flow=found["flow"],
        return_url=found["return_url"],
        locale=found["locale"],
        created_at=found["created_at"],
        expires_at=found["expires_at"],
        spent_at=found["spent_at"],
        session_expires_at=found["session_expires_at"],
        token_id=found["token_id"],
        token_expires_at=found["token_expires_at"],
    )
