"""What is handed a unit of work awaits that and nothing else: it runs whole in the writer's thread."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from tests.house.repository import dotted, sources, tree, where

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOMS_THAT_WORK = ("plangate", "resolvers", "models")


def units(module: ast.Module) -> Iterator[tuple[str, Sequence[ast.stmt]]]:
    """Every stretch of code that runs inside a unit of work, with the unit's name."""
    for node in ast.walk(module):
        if isinstance(node, ast.AsyncFunctionDef) and any(argument.arg == "work" for argument in node.args.args):
            yield "work", node.body


def awaited(body: Sequence[ast.stmt]) -> Iterator[ast.expr]:
    """Every expression that a stretch of code waits for."""
    for statement in body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Await):
                yield node.value
            elif isinstance(node, ast.AsyncFor):
                yield node.iter
            elif isinstance(node, ast.AsyncWith):
                yield from (item.context_expr for item in node.items)


def belongs(waited: ast.expr, work: str) -> bool:
    """Whether it is the unit's own: asked of the unit, or of a function that is handed the unit."""
    handed = [*waited.args, *(keyword.value for keyword in waited.keywords)] if isinstance(waited, ast.Call) else []
    return any(dotted(part).split(".")[0] == work for part in (waited, *handed))


def strangers(module: ast.Module) -> list[ast.expr]:
    """What is awaited inside a unit of work without belonging to it."""
    return [waited for work, body in units(module) for waited in awaited(body) if not belongs(waited, work)]


def test_inside_a_unit_of_work_only_the_unit_is_awaited() -> None:
    found = [
        f"{where(file, waited)} awaits {ast.unparse(waited)}"
        for file in sources(*ROOMS_THAT_WORK)
        for waited in strangers(tree(file))
    ]

    assert found == []


def test_the_rule_sees_a_sleep_a_loader_and_a_provider() -> None:
    module = ast.parse(
        "async def cancel(ctx):\n"
        "    async def unit(work):\n"
        "        held = await work.subscriptions.owned(ctx.actor)\n"
        "        await settle(held, work=work)\n"
        "        await asyncio.sleep(1)\n"
        "        await ctx.load.plan(held)\n"
        "        await ctx.provider.refund(held)\n"
        "    await ctx.worked(unit)\n"
        "    await ctx.load.plan(held)\n"
    )

    assert [ast.unparse(waited) for waited in strangers(module)] == [
        "asyncio.sleep(1)",
        "ctx.load.plan(held)",
        "ctx.provider.refund(held)",
    ]


def test_stores_never_commit_nor_roll_back() -> None:
    ended = [
        where(file, node)
        for file in sources("models")
        if "stores" in file.parts
        for node in ast.walk(tree(file))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"commit", "rollback"}
    ]

    assert ended == []
