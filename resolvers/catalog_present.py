"""The catalog of an environment as it is now, in the values that files are read into."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING

from billing.catalog.base_plans import base_line, with_base_plans
from billing.catalog.changes import CatalogSection, settled
from billing.catalog.values import Catalog, EntitlementDef, FeatureDef, PlanDef, PriceDef, ProductDef
from billing.dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from billing.entitlements.sources import Give
    from models.reader import Reader
    from models.views import FeatureView, PlanView, PriceView, ProductView


@dataclass(frozen=True, slots=True)
class Present:
    """What there is: the settled catalog, archived things too, and the stored things by key."""

    catalog: Catalog
    products: Mapping[str, ProductView]
    features: Mapping[str, FeatureView]
    plans: Mapping[str, PlanView]

    def id_of(self, section: CatalogSection, key: str) -> str:
        """The id of a thing; '' where there is none."""
        if section is CatalogSection.PRODUCTS:
            return self.products[key].id if key in self.products else ""
        if section is CatalogSection.FEATURES:
            return self.features[key].id if key in self.features else ""
        return self.plans[key].id if key in self.plans else ""

    def written(self) -> Catalog:
        """The catalog as a file would best say it: what a plan has from its base is not said again.

        A plan that no longer has all that its base gives stands by itself: applied, it is what it was.
        """
        known = {plan.key: plan for plan in self.catalog.plans}
        short: dict[str, PlanDef] = {}
        for plan in self.catalog.plans:
            base = known.get(self.plans[plan.key].base)
            line = base_line(short.get(base.key, base), {**known, **short}) if base is not None else ()
            circular = any(each.key == plan.key for each in line)
            short[plan.key] = plan if base is None or circular else _on_base(plan, base)
        return replace(self.catalog, plans=tuple(short.values()))


async def present(read: Reader) -> Present:
    """Read the whole catalog: the latest version of everything."""
    products = {each.key: each for each in await read.catalog.products(archived=True)}
    features = {each.key: each for each in await read.catalog.features(archived=True)}
    plans = {each.key: each for each in await read.catalog.every_plan()}
    keys = _Keys(
        {each.id: each.key for each in products.values()},
        {each.id: each.key for each in features.values()},
        {each.id: each.key for each in plans.values()},
    )
    catalog = Catalog(
        products=tuple(keys.product(each) for each in products.values()),
        features=tuple(keys.feature(each) for each in features.values()),
        plans=tuple(keys.plan(each) for each in plans.values()),
    )
    return Present(settled(catalog), products, features, plans)


def given(give: Give, feature: str) -> EntitlementDef:
    """What a version gives, with the feature's key in place of its id."""
    held = {each.name: getattr(give, each.name) for each in fields(EntitlementDef) if each.name != "feature"}
    return EntitlementDef(feature=feature, **held)


def _on_base(plan: PlanDef, base: PlanDef) -> PlanDef:
    """The plan with what it has from its base left out, if exactly that comes back."""
    if base.is_add_on or plan.is_add_on:
        return plan
    own = tuple(each for each in plan.entitlements if each not in base.entitlements)
    short = replace(plan, base=base.key, entitlements=own)
    (_, complete) = with_base_plans(Catalog(plans=(base, short))).plans
    same = {each.feature: each for each in complete.entitlements} == {each.feature: each for each in plan.entitlements}
    return short if same else plan


@dataclass(frozen=True, slots=True)
class _Keys:
    """The keys of stored things by id."""

    products: Mapping[str, str]
    features: Mapping[str, str]
    plans: Mapping[str, str]

    def product(self, view: ProductView) -> ProductDef:
        return ProductDef(
            key=view.key,
            name=view.name,
            description=view.description,
            default_plan=self.plans.get(view.default_plan_id),
            archived=view.archived_at is not None,
            after_cancellation=self.plans.get(view.after_plan_id),
        )

    def feature(self, view: FeatureView) -> FeatureDef:
        return FeatureDef(
            key=view.key,
            name=view.name,
            kind=view.kind,
            description=view.description,
            product=self.products.get(view.product_id),
            unit=view.unit,
            scale=view.scale,
            aggregation=view.aggregation,
            config_type=view.config_type,
            allowed_values=view.allowed_values,
            thresholds=view.thresholds,
            archived=view.archived_at is not None,
        )

    def plan(self, view: PlanView) -> PlanDef:
        return PlanDef(
            key=view.key,
            product=self.products[view.product_id],
            name=view.name,
            kind=view.kind,
            description=view.description,
            includes=view.includes,
            rank=view.rank,
            is_add_on=view.add_on,
            add_ons=view.add_on_keys,
            trial_days=view.trial_days,
            instalments=view.instalments,
            access_after_completion=view.access_after_completion,
            prices=tuple(map(self.price, view.prices)),
            entitlements=tuple(given(give, self.features[give.feature_id]) for give in view.gives),
            metadata=tuple(view.metadata.items()),
            hidden=view.hidden,
            archived=view.archived_at is not None,
        )

    def price(self, view: PriceView) -> PriceDef:
        held = {each.name: getattr(view, each.name) for each in fields(PriceDef) if each.name != "feature"}
        return PriceDef(feature=self.features.get(view.feature_id), **held)
