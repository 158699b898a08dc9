"""Whole answers, kept in memory while what they rest on stands: a request that was answered is answered again. (ADR 24)

What is kept is kept for one credential and one request, to the byte. When it is asked for again, the credential has
been looked at anew, the sequences stand where they stood before anything was read for it, and its time has not run out.
Whom it is about is learnt when it is answered first, so that their sequences are read first when it is answered next:
that answer is kept.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final, cast

from graphql import FieldNode, FragmentSpreadNode, InlineFragmentNode, OperationType, get_named_type, is_composite_type

from billing.dataclass import dataclass
from billing.refusals import TemporarilyUnavailable
from models.snapshots import NOTHING, Read, Stand
from models.stores.sequences import Sequences
from plangate.http.metrics import Count
from resolvers.context import Context
from resolvers.grounds import Grounds
from schema.steady import REFUSAL, STEADY

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any

    from graphql import (
        FragmentDefinitionNode,
        GraphQLCompositeType,
        GraphQLNamedType,
        GraphQLSchema,
        OperationDefinitionNode,
        SelectionSetNode,
    )

    from models.session import Database
    from models.snapshots import Look
    from models.views import EnvironmentView
    from plangate.execution.plans import Outcome
    from plangate.http.head import Head

LONGEST: Final = 16_384
"""Bytes of a request whose answer is kept."""
OF_AN_ANSWER: Final = 900
"""So many bytes are reckoned for an answer beside its own."""
TYPENAME: Final = "__typename"


class KeptAnswers:
    """The answers that one process keeps, in the memory of its database; without a database none."""

    def __init__(self, database: Database | None) -> None:
        """Keep what this database tells."""
        self._database = database
        self.given = 0
        self.made = 0

    def counts(self) -> list[Count]:
        """Tell how often they were of use."""
        return [
            Count("plangate_kept_answers_given_total", "Requests answered whole from memory.", self.given),
            Count("plangate_kept_answers_made_total", "Answers that were kept whole.", self.made),
        ]

    @property
    def keeps(self) -> bool:
        """Whether there is memory for any."""
        return self._database is not None and self._database.snapshots.most > 0

    def name(self, head: Head, sent: bytes, *, reading: bool) -> bytes | None:
        """Name a request by its credential, how and what was sent; None where its answer is not kept."""
        if not self.keeps or len(sent) > LONGEST:
            return None
        return sha256(b"%b\n%d\n%b" % (head.sent(b"authorization"), reading, sent)).digest()

    def has(self, name: bytes | None) -> bool:
        """Whether there is an answer, still so or not: what was sent is a request that may be answered."""
        return name is not None and self._database is not None and name in self._database.snapshots

    async def find(self, name: bytes, context: object) -> bytes | None:
        """Find the answer that a call would be given now."""
        if not isinstance(context, Context):
            return None
        look = await context.database.snapshots.look(name)
        return self._told(look.find(name, name, context.at), context.env.id)

    def known(self, name: bytes, environment: EnvironmentView, at: datetime) -> bytes | None:
        """Find likewise what would be answered there now, where that is certain at once."""
        found = self._database.snapshots.known(name, name, at) if self._database is not None else None
        return self._told(found, environment.id)

    def _told(self, found: Read[Any] | None, environment_id: str) -> bytes | None:
        if found is None or found.stand is None or found.stand.environment_id != environment_id:
            return None
        self.given += 1
        answer: bytes = found.answer
        return answer

    async def attempt(self, name: bytes | None, context: object) -> Attempt | None:
        """Begin an answer that may be kept; None where it may not."""
        if name is None or not isinstance(context, Context) or context.environment is None:
            return None
        context.grounds = Grounds()
        snapshots = context.database.snapshots
        whom, owner = snapshots.met(name), context.environment.id
        if whom is None:
            return Attempt(self, name, context)
        look = await snapshots.look()
        try:
            stood = await context.database.asked(lambda run: Sequences(run).of({whom, owner}), brief=True, alone=True)
        except TemporarilyUnavailable:
            return Attempt(self, name, context)
        own, all_ = stood.get(whom), stood.get(owner)
        if own is None or all_ is None or any(each.latest_at and each.latest_at > context.at for each in (own, all_)):
            return Attempt(self, name, context)
        return Attempt(self, name, context, look, Stand(owner, whom, own.seq, all_.seq))


@dataclass(frozen=True, slots=True)
class Attempt:
    """An answer in the making: where the sequences stood before anything was read for it, if it is known whose."""

    answers: KeptAnswers
    name: bytes
    context: Context
    look: Look = NOTHING
    stand: Stand | None = None

    def end(self, outcome: Outcome) -> None:
        """Keep the answer, if all that it rests on is known, was watched, and is of where the sequences stood.

        What memory gave may have been read before an act that is not noticed yet, but is in the sequences that were.
        """
        grounds, at = self.context.grounds, self.context.at
        if grounds is None or grounds.owed or len(grounds.customers) > 1 or not outcome.complete:
            return
        whom = next(iter(grounds.customers), self.context.env.id)
        self.context.database.snapshots.meet(self.name, whom)
        ends = grounds.until is not None and grounds.until <= at
        if self.stand is None or self.stand.customer_id != whom or ends or grounds.stands - {self.stand}:
            return
        read = Read(outcome.body, at, grounds.until, self.stand, self.name)
        self.look.keep(self.name, read, len(outcome.body) + OF_AN_ANSWER)
        self.answers.made += 1


def steady(
    schema: GraphQLSchema, operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> bool:
    """Whether an operation is a question that can select nothing but steady fields."""
    root = schema.query_type
    if operation.operation is not OperationType.QUERY or root is None:
        return False
    waiting: list[tuple[GraphQLCompositeType, SelectionSetNode]] = [(root, operation.selection_set)]
    met: set[str] = set()
    while waiting:
        of, chosen = waiting.pop()
        for node in chosen.selections:
            if isinstance(node, FieldNode):
                name = node.name.value
                field = schema.get_field(of, name)
                if field is None or not (name == TYPENAME or _is_steady(of, name)):
                    return False
                below = cast("GraphQLNamedType", get_named_type(cast("Any", field).type))
                if is_composite_type(below) and node.selection_set:
                    waiting.append((below, node.selection_set))
            elif isinstance(node, InlineFragmentNode):
                waiting.append((_narrowed(schema, of, node), node.selection_set))
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in met:
                met.add(node.name.value)
                fragment = fragments[node.name.value]
                waiting.append((_narrowed(schema, of, fragment), fragment.selection_set))
    return True


def _is_steady(of: GraphQLCompositeType, field: str) -> bool:
    names = {of.name, *(each.name for each in getattr(of, "interfaces", ()))}
    return field in STEADY.get(of.name, ()) or REFUSAL in names


def _narrowed(
    schema: GraphQLSchema, of: GraphQLCompositeType, node: InlineFragmentNode | FragmentDefinitionNode
) -> GraphQLCompositeType:
    """The type of which a fragment speaks."""
    named = schema.get_type(node.type_condition.name.value) if node.type_condition else None
    return named if named is not None and is_composite_type(named) else of
