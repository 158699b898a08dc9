"""One saved operation."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from billing.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class SavedOperation:
    """One thing to try: its task, a title, a sentence, the document, and demo variables.

    `{{name}}` in a variable stands for a value that the demo or an earlier answer fills in, else the reader; `{{key}}`
    is a fresh idempotency key each time the operation is picked.
    """

    task: str
    title: str
    sentence: str
    document: str
    variables: Mapping[str, object] = field(default_factory=dict[str, object])
