"""How plans of changes and what became of them look in a terminal, in a pipe and as JSON."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any, cast

from rich.markup import escape

from billing.catalog.changes import CatalogChangeKind, CatalogSection
from plangate.catalog.writing import flow
from plangate.cli.shown import camel, out

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from billing.entitlements.sources import Json
    from resolvers.catalog_apply import CatalogApplied
    from resolvers.catalog_plan import CatalogPlanned, PlannedChange, PlannedField

MARKS: Mapping[CatalogChangeKind, str] = {
    CatalogChangeKind.ADDED: "[green]+[/]",
    CatalogChangeKind.CHANGED: "[yellow]~[/]",
    CatalogChangeKind.ARCHIVED: "[red]-[/]",
    CatalogChangeKind.RESTORED: "[green]^[/]",
    CatalogChangeKind.UNLISTED: "[dim]?[/]",
}
THINGS: Mapping[CatalogSection, str] = {
    CatalogSection.PRODUCTS: "product",
    CatalogSection.FEATURES: "feature",
    CatalogSection.PLANS: "plan",
    CatalogSection.ADD_ONS: "add-on",
}
LONGEST_VALUE = 60


def facts_of(value: Any) -> Any:  # noqa: ANN401  (a plan or an outcome, and all that is in it)
    """A value as JSON has it: names in camelCase, a field's path with dots."""
    if is_dataclass(value) and not isinstance(value, type):
        return {camel(each.name): facts_of(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, tuple):
        return [facts_of(each) for each in cast("tuple[object, ...]", value)]
    return value


def say_plan(planned: CatalogPlanned) -> None:
    """Show a plan of changes, thing by thing."""
    console = out()
    for change in planned.changes:
        console.print(f"{MARKS[change.kind]} {THINGS[change.section]} [bold]{change.key}[/]{_beside(change)}")
        widest = max((len(".".join(each.change.path)) for each in change.fields), default=0)
        for field in change.fields:
            console.print(f"    {_field(field, widest, added=change.kind is CatalogChangeKind.ADDED)}")
    if not planned.changes:
        console.print("[green]Nothing to change[/]  the catalog is what the file says")
    else:
        console.print(_counted(Counter(each.kind for each in planned.changes), planned.unchanged))
    console.print(f"[dim]Digest[/]  {planned.digest}")


def say_applied(applied: CatalogApplied) -> None:
    """Show what became of each thing."""
    console = out()
    for change in applied.changes:
        version = f"@{change.version}" if change.version is not None else ""
        console.print(f"{MARKS[change.kind]} {THINGS[change.section]} [bold]{change.key}[/]{version}")
    if applied.changes:
        console.print(_counted(Counter(each.kind for each in applied.changes), applied.unchanged))
    else:
        console.print("[green]Nothing changed[/]  the catalog is what the file says")


def _beside(change: PlannedChange) -> str:
    said = [f'"{escape(change.name)}"']
    if change.version is not None:
        said.append(f"becomes version {change.version}")
    if change.kind is CatalogChangeKind.UNLISTED:
        said.append("not in the file: it stays as it is")
    if change.kind is CatalogChangeKind.ARCHIVED:
        said.append("goes off sale")
    if change.kind is CatalogChangeKind.RESTORED:
        said.append("is on sale again")
    if change.live:
        held = ", ".join(f"{each.live} on version {each.version}" for each in change.versions)
        said.append(f"live subscriptions: {change.live}" + (f" ({held})" if held else ""))
    return "  " + "; ".join(said)


def _field(field: PlannedField, widest: int, *, added: bool) -> str:
    name = ".".join(field.change.path)
    before, after = field.change.before, field.change.after
    if isinstance(before, list) and isinstance(after, list):
        moved = [f"-{_shown(each)}" for each in before if each not in after]
        moved += [f"+{_shown(each)}" for each in after if each not in before]
        change = escape(", ".join(moved) or "another order")
    else:
        change = escape(_shown(after)) if added else f"{escape(_shown(before))} -> {escape(_shown(after))}"
    kept = f"  [dim]({field.live} live keep what they have)[/]" if field.live else ""
    return f"[dim]{escape(name):<{widest}}[/]  {change}{kept}"


def _shown(value: Json) -> str:
    if value is None:
        return "nothing"
    text = value if isinstance(value, str) and value else flow(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"


def _counted(kinds: Mapping[CatalogChangeKind, int], unchanged: int) -> str:
    counted: Iterable[tuple[str, int]] = (
        ("added", kinds[CatalogChangeKind.ADDED]),
        ("changed", kinds[CatalogChangeKind.CHANGED]),
        ("archived", kinds[CatalogChangeKind.ARCHIVED]),
        ("restored", kinds[CatalogChangeKind.RESTORED]),
        ("not in the file", kinds[CatalogChangeKind.UNLISTED]),
        ("unchanged", unchanged),
    )
    return ", ".join(f"{count} {what}" for what, count in counted if count)
