"""A, B and C over HTTP, read through and from memory: Plangate beside everybody who serves the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.peers.bench import interleaved
from benchmarks.peers.contestants import (
    CONSTANT,
    GATEWAY,
    GATEWAY_HELD,
    MERCURIUS,
    MERCURIUS_HELD,
    RAW,
    RAW_HELD,
    RAW_IN_LOOP,
    USUAL,
    fill_node,
)
from benchmarks.peers.questions import QUESTIONS
from benchmarks.peers.report import Line

if TYPE_CHECKING:
    from benchmarks.peers.bench import Bench, Rates
    from benchmarks.peers.servers import Contestant

FIELD = (GATEWAY, RAW, RAW_IN_LOOP, MERCURIUS, USUAL, GATEWAY_HELD, RAW_HELD, MERCURIUS_HELD, CONSTANT)
OF_RAW, OF_MERCURIUS, OF_MAP, OF_CONSTANT = 0.9, 1.25, 1.4, 0.8
OF_USUAL = {"A": 70, "B": 70, "C": 50}
HELD = "the answer and what the key opens are in memory"
HEAD = """| asked | who | a second: median | least to most | µs of a core each | the load's core |
|---|---|--:|--:|--:|--:|"""


async def rows(bench: Bench, letter: str) -> None:
    """Measure one question."""
    question = QUESTIONS[letter]
    fill_node()
    found = await interleaved(bench, question, FIELD, free=[CONSTANT], held=[GATEWAY_HELD])
    bench.bars[f"{letter}, {question.name}"] = {name: rates.median for name, rates in found.items()}
    told = [f"| {letter}, {question.name} | {name} | {rates.cells()} |" for name, rates in found.items()]
    bench.tables.append("\n".join([HEAD, *told]))
    work = f"{letter}, {question.name}; SQLite, read through"

    def against(who: Contestant, at_least: float | None = None, why: str = "") -> None:
        told = f"by time of a core {_by_core(found, GATEWAY, who):.2f}" + (f"; {why}" if why else "")
        bench.lines.append(Line(work, who.name, _ratio(found, GATEWAY, who), at_least, why=told))

    against(RAW, OF_RAW)
    against(RAW_IN_LOOP, why="told only: it stops everybody while the disk is slow")
    against(MERCURIUS, OF_MERCURIUS)
    against(USUAL, OF_USUAL[letter])
    goals = [(MERCURIUS_HELD, OF_MAP)] + ([(CONSTANT, OF_CONSTANT)] if letter == "A" else [])
    for who, at_least in goals:
        why = f"by time of a core {_by_core(found, GATEWAY_HELD, who):.2f}; {HELD}"
        hit = f"{letter}, {question.name}; snapshot hit"
        bench.lines.append(Line(hit, who.name, _ratio(found, GATEWAY_HELD, who), at_least, why=why))


def _ratio(found: dict[str, Rates], one: Contestant, other: Contestant) -> float:
    return found[one.name].median / found[other.name].median


def _by_core(found: dict[str, Rates], one: Contestant, other: Contestant) -> float:
    return found[other.name].core / found[one.name].core
