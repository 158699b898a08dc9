"""The endpoint: one HTTP request in, one GraphQL answer out, and never a 500 for what a client can send."""

from __future__ import annotations

from asyncio import current_task
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

import orjson
from graphql import GraphQLError, OperationType

from billing.refusals import Refusal, TemporarilyUnavailable
from models.aside import Aside
from plangate.auth import claimed
from plangate.execution.compiled.plan import CompiledPlan, Compiler
from plangate.execution.cost import Pricing, shown, too_dear
from plangate.execution.documents import Document, Documents
from plangate.execution.errors import RequestRefused, mask, new_incident
from plangate.execution.keeping import KeptAnswers
from plangate.execution.plans import InterpretedPlan, Outcome, Plan, core_schema
from plangate.execution.profile import DEVELOPMENT, Profile
from plangate.execution.request import check_variables, from_body, from_query_string
from plangate.http.answers import Answer, encoded, send_answer
from plangate.http.begun import NOTHING, Late, within
from plangate.http.body import read_body
from plangate.http.head import Head
from plangate.http.media import is_json, negotiate
from plangate.http.problems import ClientGone, Problem
from schema.costs import COSTS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager

    from graphql import OperationDefinitionNode
    from starlette.types import Receive, Scope, Send
    from strawberry import Schema
    from structlog.typing import FilteringBoundLogger

    from plangate.execution.limits import ExecutionLimits
    from plangate.execution.measure import Measure
    from plangate.http.metrics import Count
    from plangate.http.pages import Page
    from schema.costs import FieldCost

JSON: Final = "application/json"
GRAPHQL: Final = "application/graphql-response+json"
HTML: Final = "text/html"
PREFLIGHT: Final = b"graphql-require-preflight"
PARTIAL: Final = 294
_HEADERS: Final = {"Cache-Control": "no-store", "Vary": "Accept"}
USUAL: Final = {each: encoded({"Content-Type": f"{each}; charset=utf-8", **_HEADERS}) for each in (JSON, GRAPHQL)}


class RequestContext(Protocol):
    """What resolvers see of a request; opaque here, closed when the answer is known."""

    async def close(self) -> None:
        """Give back what the request held."""
        ...


Identify = Callable[[Head], Awaitable[RequestContext]]


class Planned(NamedTuple):
    """What is run for a request, with which variables, what is told beside its answer, and whether that may be kept."""

    plan: Plan
    variables: Mapping[str, object]
    extensions: dict[str, object]
    steady: bool


class GraphQLEndpoint:
    """An ASGI application for `/graphql`.

    `identify` makes the context of a request from its headers, or raises `CredentialProblem`. Statuses: clients that
    accept `application/graphql-response+json` get 400 for a document that does not parse, `profile.unprocessable` for
    what validation, limits or coercion refuse, 294 for answers that hold errors; clients that accept only
    `application/json` get 200 for all of these. Both get 400, 405, 406, 408, 413, 415 for what is not a GraphQL
    request, and 503 with the code DEADLINE when the answer was not ready in time.

    What an operation costs is told in `extensions.cost`. One that costs more than the sort of credential that was sent
    may spend is refused before that credential is looked at, and before anything is read.

    What was answered once and is still so is answered from memory, once the credential was looked at again. (ADR 24)
    """

    def __init__(  # noqa: PLR0913  (what it serves, to whom, how well, and with what beside)
        self,
        schema: Schema,
        identify: Identify,
        limits: ExecutionLimits,
        *,
        page: Page | None,
        log: FilteringBoundLogger,
        profile: Profile = DEVELOPMENT,
        costs: Mapping[str, FieldCost] = COSTS,
        answers: KeptAnswers | None = None,
        stretch: AbstractContextManager[None] = NOTHING,
    ) -> None:
        """Serve `schema` at the prices `costs`; `page` is what a browser's GET sees, None for no page.

        Up to its first wait a request runs inside of `stretch`.
        """
        self._schema = schema
        self._core = core_schema(schema)
        self._identify = identify
        self._limits = limits
        self._page = page
        self._log = log
        self._profile = profile
        self._pricing = Pricing(self._core, costs)
        self._documents = Documents(self._core, limits, profile)
        self._compiler = Compiler(schema, limits, suggestions=profile.suggestions)
        self._answers = answers or KeptAnswers(None)
        self._stretch = stretch

    def counts(self) -> list[Count]:
        """Tell what became of the operations that were compiled, and of answers that are kept."""
        return [*self._compiler.tally.counts(), *self._answers.counts()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        with suppress(ClientGone):
            status, fields, body = await self.answer(scope, Head(scope["headers"]), receive)
            await send_answer(send, status, body, fields)

    async def answer(self, scope: Scope, head: Head, receive: Receive) -> Answer:
        """Answer one request; raises `ClientGone` where nobody is left to be answered."""
        media, extra = JSON, dict[str, str]()
        try:
            media = self._chosen(scope, head)
            if media == HTML and self._page is not None:
                return Answer(200, encoded(self._page.headers), self._page.body)
            status, body = await self._answered(scope, head, receive, media)
        except ClientGone:
            raise
        except Problem as problem:
            status, extra = problem.status, dict(problem.headers)
            body = _errors([{"message": problem.message, "extensions": {"code": problem.code}}])
        except Exception as error:  # noqa: BLE001  (the last line before the client: nothing of ours may pass unmasked)
            incident = new_incident()
            self._log.error("request_failed", error_id=incident, exc_info=error)
            status, body = 500, _errors([mask(incident)])
        usual = USUAL[JSON if media == HTML else media]
        return Answer(status, (*usual, *encoded(extra)) if extra else usual, body)

    def _chosen(self, scope: Scope, head: Head) -> str:
        method: str = scope["method"]
        if method not in ("GET", "POST"):
            raise _not_allowed("GET, POST" if self._profile.get_queries else "POST")
        accept = head.joined(b"accept")
        offers = (JSON, GRAPHQL, HTML) if method == "GET" and self._page else (JSON, GRAPHQL)
        media = negotiate(accept, offers)
        if media is None:
            raise Problem("NOT_ACCEPTABLE", f"Answers are {GRAPHQL} or {JSON}.", 406)
        return media

    async def _answered(self, scope: Scope, head: Head, receive: Receive, media: str) -> tuple[int, bytes]:
        reading = scope["method"] == "GET"
        sent = self._by_get(scope, head) if reading else await self._by_post(head, receive)
        try:
            outcome = await self._in_time(head, sent, reading=reading)
        except RequestRefused as refused:
            return self._refusal_status(refused.code, media), _errors(refused.shown, refused.extensions)
        return 200 if outcome.complete or media == JSON else PARTIAL, outcome.body

    def _by_get(self, scope: Scope, head: Head) -> bytes:
        if not self._profile.get_queries and PREFLIGHT not in head:
            raise _not_allowed("POST")
        sent: bytes = scope["query_string"]
        return sent

    async def _by_post(self, head: Head, receive: Receive) -> bytes:
        if not is_json(head.joined(b"content-type")):
            raise Problem("MEDIA_TYPE_NOT_SUPPORTED", f"Send {JSON} in UTF-8.", 415, {"Accept-Post": JSON})
        limits = self._limits
        return await read_body(head, receive, max_bytes=limits.body_bytes, seconds=limits.body_seconds)

    async def _in_time(self, head: Head, sent: bytes, *, reading: bool) -> Outcome:
        seconds = self._limits.deadline_seconds
        try:
            return await within(seconds, self._run(head, sent, reading=reading), self._stretch)
        except Late:
            self._log.warning("deadline_passed", seconds=seconds)
            message = (
                f"No answer within {seconds:g} seconds. A mutation may still have been made: "
                "repeat it with the same idempotency key."
            )
            raise Problem("DEADLINE", message, 503) from None

    async def _run(self, head: Head, sent: bytes, *, reading: bool) -> Outcome:
        """Answer from memory what was planned, allowed and answered before; else plan, identify and run."""
        name = self._answers.name(head, sent, reading=reading)
        planned = None if self._answers.has(name) else self._planned(head, sent, reading=reading)
        context = await self._identified(head)
        try:
            if planned is None and name is not None and (kept := await self._answers.find(name, context)) is not None:
                return Outcome(kept, complete=True)
            plan, variables, extensions, steady = planned or self._planned(head, sent, reading=reading)
            if plan.kind is not OperationType.QUERY and current_task() is None:
                await Aside()  # an act sets clocks of its own
            attempt = await self._answers.attempt(name, context) if steady else None
            try:
                outcome = await plan.run(variables, context, extensions)
            except RequestRefused as refused:
                refused.extensions = extensions
                raise
            if attempt is not None:
                attempt.end(outcome)
            return outcome
        finally:
            await context.close()

    async def _identified(self, head: Head) -> RequestContext:
        try:
            return await self._identify(head)
        except Refusal as refusal:
            status = 503 if isinstance(refusal, TemporarilyUnavailable) else 403
            raise Problem(refusal.code, refusal.message, status) from refusal

    def _planned(self, head: Head, sent: bytes, *, reading: bool) -> Planned:
        """Find the plan and what is told beside its answer; nothing is read for what may not run."""
        request = from_query_string(sent) if reading else from_body(sent)
        document = self._documents.get(request.query)
        plan = self._plan(document, request.operation_name)
        if reading and plan.kind is not OperationType.QUERY:
            raise _not_allowed("POST")
        check_variables(request.variables, self._limits, uses=max(1, plan.measure.here))
        kind = claimed(head)
        cost = document.cost(request.operation_name, self._pricing).of(request.variables, kind)
        limit = self._limits.points(kind)
        extensions: dict[str, object] = {"cost": shown(cost, limit)}
        if cost.requested > limit:
            refused = too_dear(cost, limit)
            refused.extensions = extensions
            raise refused
        return Planned(plan, request.variables, extensions, document.steady(request.operation_name, self._core))

    def _plan(self, document: Document, name: str | None) -> Plan:
        plan = document.plans.get(name)
        if plan is None:
            operation = document.operation(name)
            measure = document.measures[operation.name.value if operation.name else None]
            if measure.introspects and not self._profile.introspection:
                error = GraphQLError("The schema cannot be asked about itself here.")
                raise RequestRefused.of("INTROSPECTION_DISABLED", [error])
            plan = document.plans[name] = self._made(document, operation, measure)
        return plan

    def _made(self, document: Document, operation: OperationDefinitionNode, measure: Measure) -> Plan:
        """Make a plan: one that is compiled when it is asked again, unless it asks about the schema."""
        interpreted = self._interpreted(document, operation, measure)
        if measure.introspects:
            return interpreted
        return CompiledPlan(self._compiler, document.tree, operation, interpreted)

    def _interpreted(self, document: Document, operation: OperationDefinitionNode, measure: Measure) -> InterpretedPlan:
        return InterpretedPlan(
            self._schema,
            document.tree,
            operation,
            measure,
            limits=self._limits,
            profile=self._profile,
            log=self._log,
        )

    def _refusal_status(self, code: str, media: str) -> int:
        if media == JSON:
            return 200
        return 400 if code == "GRAPHQL_PARSE_FAILED" else self._profile.unprocessable


def _not_allowed(allow: str) -> Problem:
    return Problem("METHOD_NOT_ALLOWED", f"Use {allow.replace(', ', ' or ')} for this.", 405, {"Allow": allow})


def _errors(errors: list[dict[str, object]], extensions: Mapping[str, object] | None = None) -> bytes:
    beside = {"extensions": extensions} if extensions else {}
    return orjson.dumps({"errors": errors, **beside}, option=orjson.OPT_UTC_Z)
