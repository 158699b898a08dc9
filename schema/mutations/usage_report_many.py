"""Reporting usage in bulk."""

from typing import Annotated, Any, TypeAlias

import strawberry

from billing.refusals import Refusal
from resolvers.usage_report import UsageReport
from resolvers.usage_report_many import MOST_REPORTS, Row, report_many
from resolvers.usage_report_many import UsageReportMany as Command
from schema.answers import answer, perform, told_in
from schema.info import Info
from schema.mutations.usage_report import UsageReportAnswer, UsageReported, UsageReportInput
from schema.promise import about, input_type, mutation, object_type, part_type
from schema.refusals import AnyAct
from schema.texts import short_enough


@input_type
class UsageReportManyInput:
    """Usage that happened, row by row."""

    reports: list[UsageReportInput] = about(
        f"At most {MOST_REPORTS} reports, of one customer or of many, each with an idempotency key of its own."
    )

    def to_command(self) -> Command:
        """Check every row; one that is refused is its refusal."""
        short_enough(self.reports, "reports", MOST_REPORTS)
        return Command(tuple(_checked(each) for each in self.reports))


def _checked(report: UsageReportInput) -> UsageReport | Refusal:
    try:
        return report.to_command()
    except Refusal as refusal:
        return refusal


@object_type
class UsageManyReported:
    """What became of every report."""

    results: list[UsageReportAnswer] = about(
        "For each report, in the same order, what `usageReport` would answer: it is written down, or refused alone."
    )

    @classmethod
    def of(cls, rows: list[Row]) -> "UsageManyReported":
        """Show how each row ended."""
        return cls(results=[_result(row) for row in rows])


def _result(row: Row) -> Any:  # noqa: ANN401  (a member of the union, which no type variable can say)
    return told_in(UsageReportAnswer, row) if isinstance(row, Refusal) else UsageReported.of(row)


UsageReportManyAnswer: TypeAlias = Annotated[
    UsageManyReported | AnyAct,
    strawberry.union(
        "UsageReportManyAnswer",
        description="What `usageReportMany` answers: a result for each report, or why the call as a whole was refused.",
    ),
]


@part_type
class UsageReportManyMutation:
    """The act as a root field."""

    @mutation
    async def usage_report_many(
        self,
        info: Info,
        input: Annotated[UsageReportManyInput, strawberry.argument(description="The reports.")],
    ) -> UsageReportManyAnswer:
        """Write usage down in bulk. Each customer's reports are one transaction; a bad report refuses only itself."""
        return await answer(UsageReportManyAnswer, UsageManyReported.of, perform(report_many, info.context, input))
