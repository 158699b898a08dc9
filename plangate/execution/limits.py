"""How much one request may ask for."""

from __future__ import annotations

from billing.dataclass import dataclass
from resolvers.principal import PrincipalKind


@dataclass(frozen=True, slots=True)
class ExecutionLimits:
    """Bounds of one request; together they keep the planning of any body within 100 ms of CPU.

    `depth`, `aliases`, `directives`, `root_fields` and `fields` are counted per operation with every fragment
    written out in full; `selections_nested` counts selection sets one inside the other as they are written.
    `answer_members` are the members of all lists of an answer. `cost_public`, `cost_customer` and `cost_secret` are
    the points that one operation may cost: of those without a credential or with a publishable key, with a customer
    token, with a secret key.
    """

    body_bytes: int = 1_000_000
    body_seconds: float = 10.0
    deadline_seconds: float = 4.0
    document_characters: int = 100_000
    tokens: int = 2_000
    comments: int = 1_000
    depth: int = 15
    aliases: int = 60
    directives: int = 50
    root_fields: int = 30
    fields: int = 1_000
    operations: int = 50
    selections_nested: int = 60
    merge_comparisons: int = 5_000
    reported_errors: int = 5
    variable_values: int = 12_000
    variable_depth: int = 60
    cached_documents: int = 1_000
    cached_characters: int = 500_000
    cached_refusals: int = 200
    answer_members: int = 20_000
    answer_bytes: int = 10_000_000
    cost_public: int = 10_000
    cost_customer: int = 20_000
    cost_secret: int = 100_000

    def points(self, kind: PrincipalKind) -> int:
        """How many points one operation may cost those who come with a credential of this kind."""
        if kind is PrincipalKind.SECRET:
            return self.cost_secret
        return self.cost_customer if kind is PrincipalKind.CUSTOMER else self.cost_public
