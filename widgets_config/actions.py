"""What the *Manage* button does (S2-S4)."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class ManageAction(StrEnum):
    """What pressing *Manage* leads to; the host page's cancelable event always comes first (S4)."""

    CHECKOUT = "CHECKOUT"
    CANCEL_FLOW = "CANCEL_FLOW"
    PORTAL_LINK = "PORTAL_LINK"
    CALLBACK = "CALLBACK"
    URL = "URL"
    HIDDEN = "HIDDEN"


MEANINGS: Mapping[ManageAction, str] = {
    ManageAction.CHECKOUT: "Opens the checkout page, where the present subscription is changed or kept.",
    ManageAction.CANCEL_FLOW: "Goes straight to cancelling; the default where no checkout is configured.",
    ManageAction.PORTAL_LINK: "Opens the billing portal through a new single-use link.",
    ManageAction.CALLBACK: "Runs the host page's own function; if it is missing or fails, the default action follows.",
    ManageAction.URL: "Opens the merchant's own page at `manage_url`.",
    ManageAction.HIDDEN: "Shows no button; what the policy allows stays possible through the other actions.",
}

NEEDS_A_HOST_PAGE = frozenset({ManageAction.CALLBACK, ManageAction.PORTAL_LINK})


def default_manage_action(*, checkout_configured: bool) -> ManageAction:
    """What *Manage* does when nothing was chosen, or when the choice cannot be carried out."""
    return ManageAction.CHECKOUT if checkout_configured else ManageAction.CANCEL_FLOW
