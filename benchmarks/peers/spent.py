"""Where Plangate's time goes in a request: `python -m benchmarks.peers.spent [--asks N]`, in process, one at a time.

The profiler makes calls dearer than they are: read shares, not microseconds. `alone` is the time without it. Every
thread is profiled; what SQLite itself does is told as the driver's calls.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import pstats
import threading
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from benchmarks.ground import machine, sqlite
from benchmarks.peers.estate import estate
from benchmarks.peers.inside import asked
from benchmarks.peers.questions import QUESTIONS
from benchmarks.peers.servers import ROOT

if TYPE_CHECKING:
    from benchmarks.peers.estate import Estate
    from benchmarks.peers.questions import Question

PLACES = 16


async def main(chosen: argparse.Namespace) -> None:
    """Print where the time of each question goes."""
    print(machine())
    with sqlite() as url:
        async with estate(url, chosen.customers) as filled:
            for question in QUESTIONS.values():
                await _spent(filled, question, chosen.asks)


async def _spent(filled: Estate, question: Question, asks: int) -> None:
    profiles: list[cProfile.Profile] = []

    def begin(*_: Any) -> None:  # noqa: ANN401  (a frame and what happens in it)
        profiles.append(cProfile.Profile())
        profiles[-1].enable()

    alone, statements = await asked(filled, question, asks)
    threading.setprofile(begin)
    own = cProfile.Profile()
    own.enable()
    await asked(filled, question, asks)
    own.disable()
    threading.setprofile(None)
    stats = pstats.Stats(own)
    for each in profiles:
        stats.add(each)
    cost = f"{alone * 1e6:,.0f} µs of a core alone, {statements:.0f} statements"
    print(f"\n### {question.letter}, {question.name}: {cost}\n")
    _print(stats, asks)


def _print(stats: pstats.Stats, asks: int) -> None:
    found = cast("dict[tuple[str, int, str], tuple[int, int, float, float, object]]", vars(stats)["stats"])
    whole = sum(each[2] for each in found.values())
    places: Counter[str] = Counter()
    for (file, _, name), (_, _, own, _, _) in found.items():
        places[_place(file, name)] += int(own * 1e9)
    print("| own time in | share | | function, with what it calls | calls each | share |\n|---|--:|---|---|--:|--:|")
    ours = [(key, told) for key, told in found.items() if _ours(key[0]) and "benchmarks" not in key[0]]
    dearest = sorted(ours, key=lambda each: -each[1][3])[:PLACES]
    for (place, nanoseconds), ((file, _, name), (_, calls, _, total, _)) in zip(
        places.most_common(PLACES), dearest, strict=False
    ):
        left = f"| {place} | {nanoseconds / 1e9 / whole:.0%} |"
        where = f"{Path(file).relative_to(ROOT)}: {name}"
        print(f"{left} | {where} | {calls / asks:,.1f} | {total / whole:.0%} |")


def _place(file: str, name: str) -> str:
    """Name a file by its room, a library by its name, what is built in by itself."""
    if file == "~":
        return name.strip("<>").replace("built-in method ", "").replace("method ", "")
    if _ours(file):
        return str(Path(file).relative_to(ROOT))
    parts = Path(file).parts
    return parts[parts.index("site-packages") + 1] if "site-packages" in parts else f"Python's {Path(file).stem}"


def _ours(file: str) -> bool:
    return file.startswith(str(ROOT)) and ".venv" not in file


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--asks", type=int, default=200, help="how often each is asked")
    parser.add_argument("--customers", type=int, default=2_000, help="customers in the database")
    asyncio.run(main(parser.parse_args()))
