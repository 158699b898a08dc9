"""Report many uses in one call: one unit of work for each customer, and for each row an answer of its own."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeAlias

from billing.dataclass import dataclass
from billing.refusals import IdempotencyInProgress, InvalidInput, Refusal
from resolvers.access import demand
from resolvers.inputs import CustomerRef
from resolvers.metered import Done, running_as
from resolvers.metering import together
from resolvers.usage_report import Reporting, UsageReport, UsageReported, reported, reporting

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from resolvers.context import Context
    from resolvers.metered import Ended

MOST_REPORTS = 1_000
CUSTOMERS_AT_ONCE = 4
"""So many customers of one call are written at a time: the others who write have the rest."""
Row: TypeAlias = "UsageReported | Refusal"


@dataclass(frozen=True, slots=True)
class UsageReportMany:
    """What was used, row by row; a row whose values were refused as they came in is its refusal."""

    reports: tuple[UsageReport | Refusal, ...]


async def report_many(ctx: Context, command: UsageReportMany) -> list[Row]:
    """Write every row that can be written; a row that cannot is refused alone. Answers are in the rows' order."""
    demand(ctx, "usageReportMany")
    if len(command.reports) > MOST_REPORTS:
        raise InvalidInput(f"Send at most {MOST_REPORTS} reports in one call.", field="reports")
    rows = [_ready(ctx, each) for each in command.reports]
    ended: dict[int, Ended] = {number: row for number, row in enumerate(rows) if isinstance(row, Refusal)}
    turns = asyncio.Semaphore(CUSTOMERS_AT_ONCE)

    async def written(acts: Mapping[int, Reporting]) -> None:
        async with turns:
            ended.update(await _of_one_customer(ctx, acts))

    await asyncio.gather(*(written(acts) for acts in await _by_customer(ctx, rows)))
    return await _answers(ctx, [ended[number] for number in range(len(rows))])


def _ready(ctx: Context, report: UsageReport | Refusal) -> Reporting | Refusal:
    if isinstance(report, Refusal):
        return report
    try:
        return reporting(ctx, report)
    except Refusal as refusal:
        return refusal


async def _by_customer(ctx: Context, rows: Sequence[Reporting | Refusal]) -> list[dict[int, Reporting]]:
    """The rows of each customer, by their place in the call; one who is named in two ways is one."""
    ids = await _ids(ctx, {row.command.customer for row in rows if isinstance(row, Reporting)})
    found: dict[CustomerRef, dict[int, Reporting]] = {}
    for number, row in enumerate(rows):
        if isinstance(row, Reporting):
            ref = row.command.customer
            found.setdefault(ids.get(ref, ref), {})[number] = row
    return list(found.values())


async def _ids(ctx: Context, refs: Collection[CustomerRef]) -> dict[CustomerRef, CustomerRef]:
    """Find the id of whoever is named by the host's own, where a call names some by id as well."""
    named = {ref.external_id: ref for ref in refs if ref.external_id and not ref.id}
    if len(named) in (0, len(refs)):
        return {}
    async with ctx.read() as read:
        known = await read.customers.by_external_ids(sorted(named))
    return {named[external_id]: CustomerRef(id=view.id) for external_id, view in known.items()}


async def _of_one_customer(ctx: Context, acts: Mapping[int, Reporting]) -> dict[int, Ended]:
    """Carry out the rows of one customer together; those whose key somebody else uses for too long are told so."""
    keys = {number: running_as(act) for number, act in acts.items()}
    async with ctx.database.in_flight.every(set(keys.values())) as late:
        ended: dict[int, Ended] = {number: _late() for number in acts if keys[number] in late}
        free = [number for number in acts if number not in ended]
        try:
            done = await together([acts[number] for number in free]) if free else ()
        except Exception as problem:  # noqa: BLE001  (the other customers' rows are carried out first)
            done = [problem] * len(free)
    return ended | dict(zip(free, done, strict=True))


def _late() -> IdempotencyInProgress:
    return IdempotencyInProgress(
        "The first call with this key is still running: ask again shortly.",
        field="idempotencyKey",
    )


async def _answers(ctx: Context, ended: Sequence[Ended]) -> list[Row]:
    """Tell how each row ended. A mistake of ours in one is raised after all others were carried out."""
    replayed = [each.outcome["record_id"] for each in ended if isinstance(each, Done) and each.replayed]
    records = {}
    if replayed:
        async with ctx.read() as read:
            records = await read.usage.by_ids(replayed)
    answers: list[Row] = []
    for each in ended:
        if isinstance(each, Exception) and not isinstance(each, Refusal):
            raise each
        answers.append(each if isinstance(each, Refusal) else reported(each, records))
    return answers
