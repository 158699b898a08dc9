"""Set what an environment lets customers do, where they may be sent back to, and how its portal and widgets look."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import urlsplit

from billing.dataclass import dataclass
from billing.invoicing.settings import PolicyUnfit, policy_of, policy_written
from billing.lifecycle import Channel
from billing.refusals import InvalidInput, MerchantOnly, NotFound
from models.work import Happening
from resolvers import checks
from widgets_config.config import WidgetsConfig, problems

if TYPE_CHECKING:
    from collections.abc import Mapping

    from billing.invoicing.policy import BillingPolicy
    from billing.policies import CancellationMode, SelfServicePolicy
    from models.reader import Reader
    from models.views import EnvironmentView
    from models.work import Work
    from resolvers.context import Context

INSTRUCTIONS: Final = 1000
MOST_URLS: Final = 50
LEAST_DAYS, MOST_DAYS = 30, 3650
HERE: Final = ("localhost", "127.0.0.1")
POLICY: Final = ("allow_cancel", "allow_change", "allow_instalment_cancel", "mode", "instructions")
_UNSAFE = re.compile(r"[\s\\\x00-\x1f\x7f\"'<>`]")


@dataclass(frozen=True, slots=True)
class EnvironmentSet:
    """What to set; None leaves a setting as it is.

    Empty `instructions` are none. `return_urls`, `widgets` and `billing` replace what is there. A zone or locale
    holds for customers without their own; subscriptions keep the zone that they began with.
    """

    allow_cancel: bool | None = None
    allow_change: bool | None = None
    allow_instalment_cancel: bool | None = None
    mode: CancellationMode | None = None
    instructions: str | None = None
    return_urls: tuple[str, ...] | None = None
    widgets: Mapping[str, object] | None = None
    billing: Mapping[str, object] | None = None
    require_actor: bool | None = None
    idempotency_days: int | None = None
    name: str | None = None
    zone: str | None = None
    locale: str | None = None


@dataclass(frozen=True, slots=True)
class EnvironmentSettings:
    """An environment as it is set."""

    environment: EnvironmentView
    policy: SelfServicePolicy
    billing: BillingPolicy


async def environment_set(ctx: Context, command: EnvironmentSet) -> EnvironmentSettings:
    """Set it in one unit of work. Only the command line may; what is so already is no event."""
    if ctx.channel is not Channel.CLI or not ctx.principal.merchant:
        raise MerchantOnly("Only whoever runs the program can: `plangate environment set`.")
    wanted = _wanted(command)

    async def unit(work: Work) -> EnvironmentSettings:
        await work.bump(ctx.env.id)
        await _demand_known(work, command)
        await _change(work, wanted)
        return await _settings(work, ctx.env.id)

    return await ctx.worked(unit)


async def environment_settings(ctx: Context) -> EnvironmentSettings:
    """Read how an environment is set."""
    async with ctx.read() as read:
        return await _settings(read, ctx.env.id)


async def _settings(read: Reader, environment_id: str) -> EnvironmentSettings:
    environment = await read.environments.by_id(environment_id)
    if environment is None:
        raise NotFound("There is no such Environment here.", what="Environment")
    policy = await read.environments.policy(environment_id)
    return EnvironmentSettings(environment, policy, await read.environments.billing(environment_id))


async def _change(work: Work, wanted: dict[str, Any]) -> None:
    known = await _settings(work, work.environment_id)
    changed = {name: value for name, value in wanted.items() if _now(known, name) != value}
    policy = {name: value for name, value in changed.items() if name in POLICY}
    columns = {name: value for name, value in changed.items() if name not in POLICY}
    if policy:
        await work.environments.set_policy(work.environment_id, replace(known.policy, **policy))
    if columns:
        await work.environments.update(work.environment_id, columns)
    if changed:
        told = {"columns": sorted(changed)}
        await work.record(work.environment_id, Happening("environment.updated", work.environment_id, {}, told))


def _now(known: EnvironmentSettings, name: str) -> object:
    if name in POLICY:
        return getattr(known.policy, name)
    if name == "billing":
        return policy_written(known.billing)
    value = getattr(known.environment, name)
    if name == "zone":
        return str(value)
    return list(value) if name == "return_urls" else value


def _wanted(command: EnvironmentSet) -> dict[str, Any]:
    """Take what is given, as it is kept."""
    given = {each.name: getattr(command, each.name) for each in fields(command)}
    wanted = {name: value for name, value in given.items() if value is not None}
    if not wanted:
        raise InvalidInput("Say what to set.")
    if command.instructions is not None:
        wanted["instructions"] = _instructions(command.instructions)
    if command.return_urls is not None:
        wanted["return_urls"] = _return_urls(command.return_urls)
    if command.widgets is not None:
        wanted["widgets"] = _widgets(command.widgets)
    if command.billing is not None:
        wanted["billing"] = _billing(command.billing)
    if command.idempotency_days is not None and not LEAST_DAYS <= command.idempotency_days <= MOST_DAYS:
        raise InvalidInput(f"Give {LEAST_DAYS} to {MOST_DAYS} days.", field="idempotencyDays")
    checks.optional_text(command.name, "name")
    checks.zone(command.zone)
    checks.locale(command.locale)
    return wanted


def _instructions(given: str) -> str | None:
    return checks.text(given, "instructions", INSTRUCTIONS) if given.strip() else None


def _return_urls(given: tuple[str, ...]) -> list[str]:
    urls = list(dict.fromkeys(given))
    if len(urls) > MOST_URLS:
        raise InvalidInput(f"Give at most {MOST_URLS} addresses.", field="returnUrls")
    for url in urls:
        checks.text(url, "returnUrls", checks.ADDRESS)
        if not _usable(url):
            raise InvalidInput(
                f"{url!r} does not do: an address is https://… or http://localhost…, without a user name.",
                field="returnUrls",
            )
    return urls


def _usable(url: str) -> bool:
    try:
        parts = urlsplit(url)
        port_fits = parts.port is None or parts.port > 0
    except ValueError:
        return False
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in HERE)
    return safe and port_fits and bool(parts.hostname) and "@" not in parts.netloc and not _UNSAFE.search(url)


def _widgets(given: Mapping[str, object]) -> dict[str, Any]:
    found = problems(given)
    if found:
        told = "; ".join(f"{path}: {message}" if path else message for path, message in found)
        raise InvalidInput(f"The widgets are not configured like this: {told}.", field="widgets")
    kept = WidgetsConfig.model_validate(given).model_dump(mode="json", exclude_unset=True)
    if not _keepable(kept):
        raise InvalidInput("Leave control characters out.", field="widgets")
    return kept


def _billing(given: Mapping[str, object]) -> dict[str, Any]:
    try:
        return policy_written(policy_of(given))
    except PolicyUnfit as unfit:
        raise InvalidInput(f"It cannot bill like this: {unfit}", field="billing") from None


async def _demand_known(work: Work, command: EnvironmentSet) -> None:
    """Refuse rules of changes that name what the catalog does not have, or that no change could follow."""
    rules = policy_of(command.billing).changes.rules if command.billing is not None else ()
    sides = [side for rule in rules for side in (rule.come_from, rule.lead_to)]
    plans = await work.catalog.plans_by_key(sorted({side.plan for side in sides} - {""}))
    products = await work.catalog.products_by_key(sorted({side.product for side in sides} - {""}))
    for rule in rules:
        met: set[str] = set()
        for side in (rule.come_from, rule.lead_to):
            plan, product = plans.get(side.plan), products.get(side.product)
            if side.plan and (plan is None or plan.add_on):
                raise InvalidInput(f"The rule {rule.name!r} names no plan: {side.plan}.", field="billing")
            if side.product and product is None:
                raise InvalidInput(f"The rule {rule.name!r} names no product: {side.product}.", field="billing")
            met |= {plan.product_id} if plan else {product.id} if product else set[str]()
        if len(met) > 1:
            raise InvalidInput(f"The rule {rule.name!r} leads from one product to another.", field="billing")


def _keepable(kept: object) -> bool:
    """Whether every database keeps it."""
    if isinstance(kept, dict):
        return all(map(_keepable, cast("dict[str, object]", kept).values()))
    return not (isinstance(kept, str) and "\x00" in kept)
