"""What goes out of the program: every kind of act in the outbox, with the channel that it takes and who carries it.

The hold switch (`plangate hold`) goes by this table: what is not in it does not go out.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from resolvers.carrying import Carrier
    from resolvers.paying.cashier import Cashier


NO_MAIL: Final[Mapping[str, Carrier]] = MappingProxyType({})


def carriers(cashier: Cashier, mails: Mapping[str, Carrier] = NO_MAIL) -> Mapping[str, Carrier]:
    """By kind. Payments go out, and mails where the settings say how; webhooks add their kinds here."""
    return MappingProxyType({**cashier.carriers, **mails})
