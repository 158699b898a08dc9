"""What a call carries: who asks, in which environment, at which instant, and the two ways to the stores."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import field
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

from billing.actions import Audience
from billing.dataclass import dataclass
from billing.lifecycle import Channel
from billing.refusals import NotFound, TemporarilyUnavailable
from models.reader import Reader
from models.work import Moment, whole
from resolvers.loaders import Loaders
from widgets_config.config import WidgetsConfig

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Coroutine
    from datetime import datetime

    from billing.catalog.values import Catalog
    from models.ids import Ids
    from models.session import Database
    from models.views import EnvironmentView
    from models.work import UnitOf, Work
    from resolvers.grounds import About, Grounds, Rests
    from resolvers.paying.cashier import Cashier
    from resolvers.principal import Principal


T = TypeVar("T")
READS_AT_ONCE = 2
"""One call holds so many readers at a time, so that a wide one leaves some to everybody else."""


class Secrets(Protocol):
    """Random secrets and their digests; the front door implements it."""

    def new(self, prefix: str) -> str:
        """Make a fresh secret of at least 256 bits."""
        ...

    def digest(self, secret: str) -> str:
        """Make the digest that is kept in place of the secret."""
        ...


class Tokens(Protocol):
    """Signs customer tokens; the front door implements it."""

    def new_key(self) -> tuple[str, str, str]:
        """Make a signing key: (kid, public half, encrypted private half)."""
        ...

    def sign(self, private_encrypted: str, kid: str, claims: dict[str, object]) -> str:
        """Sign the whole claim set."""
        ...


class Links(Protocol):
    """Signs links to invoices; the front door implements it."""

    def make(self, invoice_id: str, at: datetime) -> str:
        """Make the last part of an invoice's address, as of the real instant `at`."""
        ...


class PreviewTokens(Protocol):
    """Signs what previews showed; the front door implements it."""

    def make(self, environment_id: str, said: str) -> str:
        """Sign a text for an environment."""
        ...

    def read(self, environment_id: str, token: str) -> str | None:
        """The text of a token that was made here for this environment; None for any other."""
        ...


class Documents(Protocol):
    """Reads and writes a catalog's document; the front door implements it."""

    async def read(self, text: str) -> Catalog:
        """The catalog of a text; raises `CatalogInvalid`."""
        ...

    def write(self, catalog: Catalog, *, as_json: bool) -> str:
        """The text of a catalog."""
        ...


@dataclass(frozen=True, slots=True)
class Settings:
    """What resolvers need to know of the program's settings."""

    public_url: str
    token_minutes: int = 15
    portal_link_minutes: int = 60
    portal_session_minutes: int = 60
    invoice_link_days: int = 90


class Caller(Protocol):
    """Who asks and where: all that a rule needs to know of a call, or of a job that acts for one."""

    @property
    def env(self) -> EnvironmentView:
        """The environment."""
        ...

    @property
    def principal(self) -> Principal:
        """Who asks."""
        ...

    @property
    def audience(self) -> Audience:
        """For whom actions are open."""
        ...


UNREAD = "This was done, but its answer cannot be read now: ask again under the same idempotency key."


class Rehearsed(Exception):  # noqa: N818  (it takes back what was only tried)
    """A rehearsal is over, and this is what it told."""

    def __init__(self, told: object) -> None:
        """Carry what it told out."""
        super().__init__()
        self.told = told


@dataclass(slots=True)
class Context:
    """One call. `at` is the environment's present, `recorded_at` the real one; both were read once.

    `written` says whether a unit of work of this call is on disk.
    `request_id` names the request that made it, in the log and on events; '' where none did.
    `in_time` says whether a long act may go on; only the front door knows how long it has been going.
    `grounds` hears what the answer rests on, where somebody would keep it.
    """

    database: Database
    principal: Principal
    environment: EnvironmentView | None
    at: datetime
    recorded_at: datetime
    ids: Ids
    secrets: Secrets
    tokens: Tokens
    links: Links
    previews: PreviewTokens
    documents: Documents
    settings: Settings
    cashier: Cashier
    _loaders: Loaders | None = field(default=None, init=False)
    _widgets: WidgetsConfig | None = field(default=None, init=False)
    channel: Channel = Channel.API
    in_time: Callable[[], bool] = lambda: True
    request_id: str = ""
    written: bool = False
    grounds: Grounds | None = None
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(READS_AT_ONCE))

    @property
    def loaders(self) -> Loaders:
        """The call's own loaders."""
        if self._loaders is None:
            self._loaders = Loaders(self.asked, self.principal)
        return self._loaders

    @property
    def env(self) -> EnvironmentView:
        """The environment; a call without one sees nothing."""
        if self.environment is None:
            raise NotFound("There is no environment for this call: send a credential.", what="Environment")
        return self.environment

    @property
    def widgets(self) -> WidgetsConfig:
        """The environment's widget configuration, read once a call."""
        if self._widgets is None:
            self._widgets = WidgetsConfig.model_validate(self.env.widgets)
        return self._widgets

    @property
    def audience(self) -> Audience:
        """For whom lists of actions are made."""
        return Audience.MERCHANT if self.principal.merchant else Audience.CUSTOMER

    async def asked(
        self,
        question: Callable[[Reader], Coroutine[Any, Any, T]],
        *,
        brief: bool = False,
        alone: bool = False,
        about: About[T] | None = None,
    ) -> T:
        """Ask the stores what awaits nothing but them: one snapshot of committed rows, and one crossing to it.

        What is `brief`, so that it reads and reckons little, or `alone`, so that it is one statement, costs less. Whose
        rows those are is told by `about`: without it no answer that needed them is kept.
        """
        if self.grounds is not None:
            self.grounds.begin()
        try:
            async with self.turns:
                found = await self.database.asked(
                    lambda run: question(Reader(run, self.env.id, self.at)), brief=brief, alone=alone
                )
        except TemporarilyUnavailable as away:
            if self.written:
                raise TemporarilyUnavailable(UNREAD) from away
            raise
        if self.grounds is not None and about is not None:
            self.grounds.end(about(found))
        return found

    def rests_on(self, rests: Rests | None) -> None:
        """Tell what something rests on that was not asked of the stores; None where it is not to be kept."""
        if self.grounds is not None:
            self.grounds.begin()
            self.grounds.end(rests)

    @asynccontextmanager
    async def read(self) -> AsyncGenerator[Reader, None]:
        """Open the stores for reading: one snapshot of committed rows, values only; what needs it is not kept."""
        self.rests_on(None)
        try:
            async with self.turns, self.database.reading() as connection:
                yield Reader(connection, self.env.id, self.at)
        except TemporarilyUnavailable as away:
            if self.written:
                raise TemporarilyUnavailable(UNREAD) from away
            raise

    async def worked(self, act: UnitOf[T], actor: str = "") -> T:
        """Carry an act out in a unit of work, and answer it after COMMIT is on disk."""
        self.rests_on(None)
        moment = Moment(self.at, self.recorded_at, self.channel, actor, request_id=self.request_id)
        done = await self.database.worked(whole(self.env, moment, self.ids, act))
        self.written = True
        self.forget()
        return done

    def forget(self) -> None:
        """Forget what was loaded before something was written."""
        if self._loaders is not None:
            self._loaders.forget()

    async def rehearsed(self, act: UnitOf[T]) -> T:
        """Carry an act out in a unit of work that is never kept: what it would do is told by the code that does it."""
        self.rests_on(None)
        moment = Moment(self.at, self.recorded_at, self.channel)

        async def unit(work: Work) -> None:
            raise Rehearsed(await act(work))

        try:
            await self.database.worked(whole(self.env, moment, self.ids, unit))
        except Rehearsed as over:
            return cast("T", over.told)
        raise TypeError(act)

    async def close(self) -> None:
        """Forget what was loaded, and by what: it knows this call, and such circles only the collector would end."""
        if self._loaders is not None:
            self._loaders.clear()
            self._loaders = None
