"""Documents: parsed, measured and validated once, then remembered by their exact text."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Final

from graphql import (
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    parse,
    specified_rules,
    validate,
)
from graphql.validation import OverlappingFieldsCanBeMergedRule
from graphql.validation.validate import ValidationAbortedError
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from billing.dataclass import dataclass
from plangate.execution.cost import OperationCost
from plangate.execution.errors import RequestRefused
from plangate.execution.keeping import steady
from plangate.execution.measure import Measure, exceeded, measure
from plangate.recent import Recent

if TYPE_CHECKING:
    from graphql import ASTValidationRule, DocumentNode, GraphQLSchema, ValidationContext

    from plangate.execution.cost import Pricing
    from plangate.execution.errors import Shown
    from plangate.execution.limits import ExecutionLimits
    from plangate.execution.plans import Plan
    from plangate.execution.profile import Profile

MOST_LINES: Final = 5_000
_UNFINISHED: Final = "Validation aborted."  # said when a budget is spent, and not when errors are many


@dataclass(slots=True)
class Document:
    """A valid document: its tree, what each operation amounts to, and the plans and prices made of it so far."""

    tree: DocumentNode
    measures: dict[str | None, Measure]
    plans: dict[str | None, Plan] = field(default_factory=dict[str | None, "Plan"])
    costs: dict[str | None, OperationCost] = field(default_factory=dict[str | None, "OperationCost"])
    steadiness: dict[str | None, bool] = field(default_factory=dict[str | None, bool])

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """Pick the operation that `name` means; None means the only one."""
        found = [node for node in self.tree.definitions if isinstance(node, OperationDefinitionNode)]
        if name is not None:
            found = [node for node in found if node.name and node.name.value == name]
        if not found:
            raise RequestRefused.of("OPERATION_NOT_FOUND", [GraphQLError("The document has no such operation.")])
        if len(found) > 1:
            message = "The document has several operations: name one in `operationName`."
            raise RequestRefused.of("OPERATION_NAME_NEEDED", [GraphQLError(message)])
        return found[0]

    def cost(self, name: str | None, pricing: Pricing) -> OperationCost:
        """What the operation that `name` means costs, by its variables."""
        cost = self.costs.get(name)
        if cost is None:
            cost = self.costs[name] = OperationCost(pricing, self.operation(name), self._fragments())
        return cost

    def steady(self, name: str | None, schema: GraphQLSchema) -> bool:
        """Whether what the operation that `name` means answers may be kept."""
        known = self.steadiness.get(name)
        if known is None:
            known = self.steadiness[name] = steady(schema, self.operation(name), self._fragments())
        return known

    def _fragments(self) -> dict[str, FragmentDefinitionNode]:
        return {node.name.value: node for node in self.tree.definitions if isinstance(node, FragmentDefinitionNode)}


class Documents:
    """Texts in, valid documents out. Refusals are remembered too, apart, so that they cannot push documents out."""

    def __init__(self, schema: GraphQLSchema, limits: ExecutionLimits, profile: Profile) -> None:
        """Prepare for one schema."""
        self._schema = schema
        self._limits = limits
        self._suggestions = profile.suggestions
        self._rules = _rules(limits.merge_comparisons)
        self._valid: Recent[Document] = Recent(limits.cached_documents, limits.cached_characters)
        self._refused: Recent[tuple[str, list[Shown]]] = Recent(limits.cached_refusals, limits.cached_characters // 4)

    def get(self, text: str) -> Document:
        """Find or prepare the document; raises `RequestRefused` where it is too much, or not valid here."""
        document = self._valid.get(text)
        if document is not None:
            return document
        refused = self._refused.get(text)
        if refused is not None:
            raise RequestRefused(*refused)
        try:
            document = self._prepare(text)
        except RequestRefused as problem:
            if len(text) <= self._limits.document_characters:
                self._refused.put(text, (problem.code, problem.shown))
            raise
        self._valid.put(text, document)
        return document

    def _prepare(self, text: str) -> Document:
        if len(text) > self._limits.document_characters:
            raise exceeded("documentCharacters", self._limits.document_characters)
        tree = self._parse(text)
        measures = measure(tree, self._limits)
        errors = validate(
            self._schema,
            tree,
            self._rules,
            max_errors=self._limits.reported_errors,
            hide_suggestions=not self._suggestions,
        )
        if any(isinstance(error, ValidationAbortedError) and error.message == _UNFINISHED for error in errors):
            raise exceeded("mergeComparisons", self._limits.merge_comparisons)
        if errors:
            raise RequestRefused.of("GRAPHQL_VALIDATION_FAILED", errors)
        return Document(tree, measures)

    def _parse(self, text: str) -> DocumentNode:
        """Parse; an empty selection set is a syntax error here, and so on every path.

        Of texts of very many lines no locations are kept: finding each one costs a walk over the lines before it.
        """
        try:
            return parse(
                text,
                no_location=text.count("\n") + text.count("\r") > MOST_LINES,
                max_lexical_tokens=self._limits.tokens,
                max_comments=self._limits.comments,
                allow_empty_selection_sets=False,
            )
        except GraphQLSyntaxError as error:
            if "Document contains more than" in error.message:
                raise exceeded("tokens", self._limits.tokens) from None
            raise RequestRefused.of("GRAPHQL_PARSE_FAILED", [error]) from None


def _rules(comparisons: int) -> tuple[type[ASTValidationRule], ...]:
    class BoundedMergeRule(OverlappingFieldsCanBeMergedRule):
        """The only rule that is quadratic in a document's width, with a budget in reach of our time."""

        def __init__(self, context: ValidationContext) -> None:
            super().__init__(context)
            self.rule_context.remaining_complexity_budget = comparisons

    standard = (BoundedMergeRule if rule is OverlappingFieldsCanBeMergedRule else rule for rule in specified_rules)
    return (*standard, MaybeNullValidationRule, OneOfInputValidationRule)
