"""Where the end of a subscription leads: to the plan that its product names, or nowhere. (S7)"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from billing.cancellation import uncanceled
from billing.subscriptions import Item, Target, as_of
from billing.trials import TrialEnding, waits_for_method

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from billing.subscriptions import Facts
    from models.reader import Reader
    from models.views import PlanView

JUST_BEFORE = timedelta(microseconds=1)


def just_before(facts: Facts, when: datetime) -> Facts:
    """What is held when an end comes, as if none were pending."""
    return as_of(uncanceled(facts), when - JUST_BEFORE)


async def after_the_end(read: Reader, facts: Facts, when: datetime) -> Target | None:
    """To which plan an end at `when` leads, as the product says it now; None where access is revoked.

    It is fixed when the end is set, so that what was shown then is what comes. Whoever is on that plan already ends.
    """
    then = just_before(facts, when)
    held = (await read.catalog.plans_by_id([then.plan_id]))[then.plan_id]
    wanted = (await read.catalog.products_by_id([held.product_id]))[held.product_id].after_plan_id
    if wanted in ("", then.plan_id):
        return None
    plan = (await read.catalog.plans_by_id([wanted]))[wanted]
    items = (Item(plan.id, plan.version_id, "", 1), *await _kept_add_ons(read, plan, then.items))
    return Target(plan.id, plan.version_id, items, then.interval, then.currency)


async def with_trial_end(read: Reader, facts: Facts) -> Facts:
    """Fix where the end of a trial leads, should there be no payment method by then: when it is made or changed."""
    if facts.trial_end is None or facts.trial_ending is not TrialEnding.CANCEL or not waits_for_method(facts):
        return facts
    return replace(facts, trial_leads_to=await after_the_end(read, facts, facts.trial_end))


async def _kept_add_ons(read: Reader, plan: PlanView, items: Sequence[Item]) -> list[Item]:
    """The add-ons that the plan takes and that cost nothing: an end ends what is paid for."""
    held = [item for item in items if item.add_on and not item.price_id]
    known = await read.catalog.plans_by_id(sorted({item.plan_id for item in held}))
    return [item for item in held if known[item.plan_id].key in plan.add_on_keys]
