"""Answers that are in memory, found without waiting for anybody: the short way of most requests that are repeated.

It takes only what is plain: whatever is unusual about a request or uncertain about its answer goes the long way, where
everything is said that there is to say.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from plangate.execution.endpoint import GRAPHQL, JSON, USUAL
from plangate.http.answers import Answer
from plangate.http.media import is_json, negotiate
from plangate.http.metrics import Count

if TYPE_CHECKING:
    from plangate.auth import Doorkeeper
    from plangate.clock import Clock
    from plangate.execution.keeping import KeptAnswers
    from plangate.http.answers import Fields
    from plangate.http.head import Head


@lru_cache(maxsize=256)
def _fields(accept: bytes, content_type: bytes) -> Fields | None:
    """Say how an answer is headed; None where what was sent, or what is wanted, is nothing usual."""
    media = negotiate(accept.decode("latin-1"), (JSON, GRAPHQL))
    return USUAL[media] if media is not None and is_json(content_type.decode("latin-1")) else None


class AtOnce:
    """Finds the answer of a POST that was answered before and is still so. (ADR 30)"""

    def __init__(self, answers: KeptAnswers, doorkeeper: Doorkeeper, clock: Clock) -> None:
        """Look at what is kept, for those who are known."""
        self._answers = answers
        self._doorkeeper = doorkeeper
        self._clock = clock
        self.told = 0

    def counts(self) -> list[Count]:
        """Tell how often it was found."""
        return [Count("plangate_answers_at_once_total", "Kept answers told without a task.", self.told)]

    def __call__(self, head: Head, sent: bytes) -> Answer | None:
        """Find it; None where it takes more than memory to know it."""
        name = self._answers.name(head, sent, reading=False)
        if name is None or not self._answers.has(name):
            return None
        fields = _fields(head.sent(b"accept"), head.sent(b"content-type"))
        if fields is None or b"content-encoding" in head:
            return None
        now = self._clock.now()
        environment = self._doorkeeper.known(head, now)
        found = self._answers.known(name, environment, now) if environment is not None else None
        if found is None:
            return None
        self.told += 1
        return Answer(200, fields, found)
