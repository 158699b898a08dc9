"""Loaders: what is asked for turn by turn is still read together, once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from resolvers.batching import Loader, Round

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


async def test_what_is_asked_for_in_turns_is_read_at_once() -> None:
    batches: list[list[str]] = []

    async def read(keys: Sequence[str]) -> Mapping[str, str]:
        batches.append(list(keys))
        return {key: key.upper() for key in keys if key != "none"}

    loader = Loader(read, Round())
    tasks: list[asyncio.Task[str | None]] = []
    for key in ("a", "b", "a", "none", "c"):
        tasks.append(asyncio.create_task(loader.load(key)))
        await asyncio.sleep(0)

    assert await asyncio.gather(*tasks) == ["A", "B", "A", None, "C"]
    assert batches == [["a", "b", "none", "c"]]
