"""The refusals of acts that move money: nobody was shown it, or it is not any more what was shown."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from billing.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping


class StaleReason(StrEnum):
    """Why a preview does not hold any more."""

    EXPIRED = "EXPIRED"
    ANOTHER_REQUEST = "ANOTHER_REQUEST"
    MOVED_ON = "MOVED_ON"


STALE_REASON_MEANINGS: Mapping[StaleReason, str] = MappingProxyType(
    {
        StaleReason.EXPIRED: "It was shown too long ago.",
        StaleReason.ANOTHER_REQUEST: "Something else is asked for than was shown.",
        StaleReason.MOVED_ON: "The same act would do something else by now.",
    },
)


@dataclass(slots=True)
class StalePreview(Refusal):
    """What was shown is not what would be done; the preview of what was asked for shows that anew. (K10)"""

    stale_reason: StaleReason = StaleReason.MOVED_ON
    change_view: object = None
    cancellation_view: object = None
    undo_view: object = None


@dataclass(slots=True)
class PreviewRequired(Refusal):
    """It would move money that nobody was shown: look at its preview, and ask again with the token of that. (K10)"""

    cancellation_view: object = None
    undo_view: object = None
