"""What an act that uses a metered feature is, whoever carries it out, and how it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias

from models.stores.journal import KeyUsed

if TYPE_CHECKING:
    from typing import Any

    from models.in_flight import KeyOfAct
    from models.stores.giving import Holding
    from models.stores.usage import LedgerRow
    from models.views import FeatureView
    from models.work import Work
    from resolvers.context import Context
    from resolvers.inputs import CustomerRef
    from resolvers.meter import Meter


class MeteredCommand(Protocol):
    """What a command about a metered feature carries; the key is never None."""

    @property
    def customer(self) -> CustomerRef:
        """Whose usage."""
        ...

    @property
    def feature(self) -> str:
        """Of which feature, by key or id."""
        ...

    @property
    def idempotency_key(self) -> str | None:
        """The caller's key for this act."""
        ...

    @property
    def actor(self) -> str:
        """The human behind a merchant's call."""
        ...


class MeteredAct(Protocol):
    """One call, ready to be carried out in anybody's unit of work."""

    @property
    def ctx(self) -> Context:
        """The call's own context: who asks, and when."""
        ...

    @property
    def key(self) -> KeyUsed:
        """The root field, who asks, and the caller's key."""
        ...

    @property
    def command(self) -> MeteredCommand:
        """What is asked."""
        ...

    def demand(self, customer: Holding | None, feature: FeatureView | None) -> None:
        """Refuse what even a key that was used before does not answer."""
        ...

    async def written(
        self, meter: Meter, feature: FeatureView | None, *, work: Work
    ) -> tuple[dict[str, Any], LedgerRow]:
        """Decide and write; answer the outcome and the ledger row. Refuses before it writes."""
        ...


class Done(NamedTuple):
    """An act that was carried out, now or, where it is a replay, before: then the ledger row is not at hand."""

    outcome: dict[str, Any]
    customer: Holding
    feature: FeatureView | None
    record: LedgerRow | None

    @property
    def replayed(self) -> bool:
        """Whether the outcome is that of the first time."""
        return self.record is None


Ended: TypeAlias = "Done | Exception"


class NotTaken(Exception):  # noqa: N818  (a decision that leaves an act, and nothing was written)
    """An act ends by a decision: of it nothing is written, and the others of its unit go on."""


def key_of(ctx: Context, mutation: str, command: MeteredCommand) -> KeyUsed:
    """Name an act by its key."""
    return KeyUsed(mutation, ctx.principal.name, command.idempotency_key or "")


def running_as(act: MeteredAct) -> KeyOfAct:
    """Name an act for as long as it runs: no other with its key does meanwhile."""
    return (act.ctx.env.id, act.key.mutation, act.key.principal, act.key.key)
