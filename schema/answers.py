"""The one way from an outcome to an answer: a refusal becomes its member of the union."""

from collections.abc import Awaitable, Callable
from functools import cache
from typing import Annotated, Any, Protocol, TypeVar, get_args, get_origin

from billing.refusals import Refusal
from resolvers.context import Context
from schema.refusals import PAIRS, told_of

Command_co = TypeVar("Command_co", covariant=True)
Wanted = TypeVar("Wanted")
Outcome = TypeVar("Outcome")
Payload = TypeVar("Payload")


class Asks(Protocol[Command_co]):
    """An input that knows its command."""

    def to_command(self) -> Command_co:
        """Check every value and make the command."""
        ...


async def perform(
    act: Callable[[Context, Wanted], Awaitable[Outcome]],
    ctx: Context,
    asked: Asks[Wanted],
) -> Outcome:
    """Make the command and carry it out; both may refuse."""
    return await act(ctx, asked.to_command())


async def answer(
    union: object,
    of: Callable[[Outcome], Payload],
    outcome: Awaitable[Outcome],
) -> Payload | Any:  # noqa: ANN401  (a member of the union, which no type variable can say)
    """Answer the payload, or the refusal where the union has it; any other refusal is raised, and told by its code."""
    try:
        return of(await outcome)
    except Refusal as refusal:
        return told_in(union, refusal)


def told_in(union: object, refusal: Refusal) -> Any:  # noqa: ANN401  (as above)
    """Tell a refusal as the member of the union that it is; one that the union does not promise is raised."""
    if PAIRS.get(type(refusal)) in members(union):
        return told_of(refusal)
    raise refusal


@cache
def members(union: object) -> frozenset[type | None]:
    """List the types that a union promises."""
    inner = get_args(union)[0] if get_origin(union) is Annotated else union
    return frozenset(get_args(inner))
