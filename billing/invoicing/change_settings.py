"""The rules of changes as a person writes them. (S6)"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from billing.calendar import Interval
from billing.catalog.checks.prices import LONGEST
from billing.catalog.problem import hint
from billing.change_rules import DEFAULT, ChangeTerms, MoveRule, OverLimit, RuleTiming, Side
from billing.schedules import ProrationBehavior

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from billing.invoicing.reading import Fields

MOST_RULES: Final = 200
CHANGES: Final = ("up", "sideways", "down", "proration", "over_limit", "rules")
RULE: Final = ("name", "from", "to", "timing", "proration")
SIDE: Final = ("plan", "product", "interval")
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}", re.ASCII)
_EVERY = re.compile(r"(?:([1-9][0-9]{0,2}) +)?([a-z]+?)s?", re.ASCII)
_UNITS = {unit.lower(): unit for unit in LONGEST}


def changes_of(of: Fields) -> ChangeTerms:
    """Read the rules; the default one is there whatever is written."""
    shipped = ChangeTerms()
    return ChangeTerms(
        up=of.choice("up", RuleTiming, shipped.up),
        sideways=of.choice("sideways", RuleTiming, shipped.sideways),
        down=of.choice("down", RuleTiming, shipped.down),
        proration=of.choice("proration", ProrationBehavior, shipped.proration),
        rules=_rules(of),
        over_limit=of.choice("over_limit", OverLimit, shipped.over_limit),
    )


def changes_written(terms: ChangeTerms) -> dict[str, Any]:
    """Write rules so that reading gives them again."""
    rules = [
        {
            "name": rule.name,
            **{name: side for name, side in _sides_written(rule) if side},
            "timing": rule.timing.value,
            **({"proration": rule.proration.value} if rule.proration else {}),
        }
        for rule in terms.rules
    ]
    return {
        "up": terms.up.value,
        "sideways": terms.sideways.value,
        "down": terms.down.value,
        "proration": terms.proration.value,
        "over_limit": terms.over_limit.value,
        **({"rules": rules} if rules else {}),
    }


def _sides_written(rule: MoveRule) -> Iterable[tuple[str, dict[str, str]]]:
    for name, side in (("from", rule.come_from), ("to", rule.lead_to)):
        every = f"{side.interval.count} {side.interval.unit.lower()}" if side.interval else ""
        said = {"plan": side.plan, "product": side.product, "interval": every}
        yield name, {word: value for word, value in said.items() if value}


def _rules(of: Fields) -> tuple[MoveRule, ...]:
    found = of.items("rules")
    if len(found) > MOST_RULES:
        of.wrong("rules", f"There are {len(found)} rules: {MOST_RULES} are the most.")
        return ()
    rules: list[MoveRule] = []
    for at, written in enumerate(found):
        fields = of.reading.fields((*of.path, "rules", at), written, RULE)
        fine = len(of.reading.problems)
        if fields is not None:
            rule = _rule(fields)
            if len(of.reading.problems) == fine:
                _demand_new(fields, rule, rules)
            rules.append(rule)
    return tuple(rules)


def _rule(of: Fields) -> MoveRule:
    name = of.text("name", 60)
    if not _NAME.fullmatch(name) or name == DEFAULT:
        of.wrong("name", "A rule has a name of its own: at most 60 of a-z, 0-9, _ and -.")
    if "timing" not in of.written:
        of.wrong("timing", f"Say when: {', '.join(RuleTiming)}.")
    timing = of.choice("timing", RuleTiming, RuleTiming.REFUSE)
    said = "proration" in of.written
    proration = of.choice("proration", ProrationBehavior, ProrationBehavior.ALWAYS_INVOICE) if said else None
    return MoveRule(name, _side(of, "from"), _side(of, "to"), timing, proration)


def _side(of: Fields, name: str) -> Side:
    fields = of.part(name, SIDE)
    if fields is None:
        return Side()
    side = Side(fields.text("plan", 255), fields.text("product", 255), _interval(fields))
    if side.plan and side.product:
        fields.wrong("product", "Say the plan or the product: a plan has one product.")
    return side


def _interval(of: Fields) -> Interval | None:
    if "interval" not in of.written:
        return None
    written = of.text("interval", 40)
    match = _EVERY.fullmatch(written)
    if match is None or match[2] not in _UNITS:
        guess = hint(match[2] if match else written, _UNITS)
        of.wrong("interval", f"`interval` is day, week, month or year, or several such as 3 months.{guess}")
        return None
    return Interval(_UNITS[match[2]], int(match[1] or 1))


def _demand_new(of: Fields, rule: MoveRule, before: Sequence[MoveRule]) -> None:
    """Refuse a rule that nothing ever comes to, or that is the default one by another name."""
    if any(other.name == rule.name for other in before):
        of.wrong("name", f"There is a rule {rule.name!r} above.")
    same = next((o for o in before if (o.come_from, o.lead_to) == (rule.come_from, rule.lead_to)), None)
    if same is not None:
        of.reading.wrong(of.path, f"This is never reached: {same.name!r} speaks for the same moves.")
    if not rule.precision:
        of.reading.wrong(of.path, "Say `from` or `to`: what no rule speaks for follows up, sideways and down.")
    products = {side.product for side in (rule.come_from, rule.lead_to)} - {""}
    if len(products) > 1:
        of.reading.wrong(of.path, "No change leads from one product to another.")
