"""How much one request may ask for."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ExecutionLimits:
    """Bounds of one request; together they keep the planning of any body within 100 ms of CPU.

    `depth`, `aliases`, `directives`, `root_fields` and `fields` are counted per operation with every fragment
    written out in full; `selections_nested` counts selection sets one inside the other as they are written.
    """

    body_bytes: int = 1_000_000
    body_seconds: float = 10.0
    deadline_seconds: float = 10.0
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
    variable_values: int = 5_000
    variable_depth: int = 60
    cached_documents: int = 1_000
    cached_characters: int = 500_000
    cached_refusals: int = 200
