"""Batching of nested reads: keys asked for in the same turn of the loop are read together, once per call."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from resolvers.deciding import decided_of
from resolvers.instalments import InstalmentsView, standings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
    from datetime import datetime

    from billing.policies import SelfServicePolicy
    from models.choices import JobItemState, SubscriptionOrder
    from models.coupon_views import CouponView, DiscountView, PromotionCodeView
    from models.invoice_views import CreditEntryView, CreditNoteView, InvoiceView, LineView
    from models.job_views import JobView, MoneyMoved
    from models.paging import Page
    from models.payment_views import DisputeView, PaymentMethodView, PaymentView, RefundView
    from models.reader import Reader
    from models.schedule_views import ScheduleView
    from models.views import (
        CustomerView,
        FeatureView,
        GrantView,
        OverrideView,
        PlanView,
        PriceView,
        ProductView,
        ScheduledChangeView,
        SubscriptionView,
    )
    from resolvers.deciding import EntitlementView
    from resolvers.inputs import PageOf
    from resolvers.principal import Principal

QUIET_TURNS = 2
K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


class Asked(Protocol):
    """Asks the stores what awaits nothing but them."""

    async def __call__(self, question: Callable[[Reader], Coroutine[Any, Any, T]]) -> T:
        """Carry a question out and answer it."""
        ...


class Loader(Generic[K, T]):
    """Reads values by key; what was read is remembered for the call."""

    def __init__(self, read: Callable[[Sequence[K]], Awaitable[Mapping[K, T]]]) -> None:
        """Read in batches by this."""
        self._read = read
        self._known: dict[K, asyncio.Future[T | None]] = {}
        self._waiting: list[K] = []
        self._turn: asyncio.Task[None] | None = None

    async def load(self, key: K) -> T | None:
        """Find one value; None where there is none."""
        if key not in self._known:
            self._known[key] = asyncio.get_running_loop().create_future()
            self._waiting.append(key)
            if self._turn is None:
                self._turn = asyncio.create_task(self._together())
        return await asyncio.shield(self._known[key])

    def clear(self) -> None:
        """Forget everything."""
        if self._turn is not None:
            self._turn.cancel()
        self._known.clear()

    def forget(self) -> None:
        """Forget what was read; who waits is answered."""
        self._known = {key: future for key, future in self._known.items() if not future.done()}

    async def _together(self) -> None:
        """Read what waits, once several turns have brought nothing new: long lists are walked in slices."""
        known, quiet = 0, 0
        while quiet < QUIET_TURNS:
            known, before = len(self._waiting), known
            quiet = quiet + 1 if known == before else 0
            await asyncio.sleep(0)
        keys, self._waiting, self._turn = self._waiting, [], None
        try:
            found = await self._read(keys)
        except Exception as problem:  # noqa: BLE001  (every waiter gets it)
            for key in keys:
                self._known.pop(key).set_exception(problem)
            return
        for key in keys:
            future = self._known.get(key)
            if future is not None and not future.done():
                future.set_result(found.get(key))


@dataclass(frozen=True, slots=True)
class SubscriptionsOf:
    """A page of one customer's subscriptions."""

    customer_id: str
    order: SubscriptionOrder
    page: PageOf


@dataclass(frozen=True, slots=True)
class GrantsOf:
    """The grants of one customer; `feature_id` None is of every feature, `ended` also those that are over."""

    customer_id: str
    feature_id: str | None
    ended: bool


@dataclass(frozen=True, slots=True)
class EntitlementsOf:
    """What one customer may use at an instant; `resource` '' is of each, `features` None is of every feature."""

    customer_id: str
    resource: str
    at: datetime
    features: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class PageFor:
    """A page of what one customer has."""

    customer_id: str
    page: PageOf


class Loaders:
    """One loader per noun that others point to, and per list that many objects may be asked for at once."""

    def __init__(self, asked: Asked, principal: Principal) -> None:
        """Ask the stores in this way, on behalf of this principal."""
        self._asked = asked
        self._principal = principal
        self.plan: Loader[str, PlanView] = Loader(self._asking(self._plans))
        self.plan_version: Loader[str, PlanView] = Loader(self._asking(self._versions))
        self.plan_named: Loader[str, PlanView] = Loader(self._asking(self._plans_named))
        self.plans_of_product: Loader[str, list[PlanView]] = Loader(self._asking(self._plans_of_products))
        self.product: Loader[str, ProductView] = Loader(self._asking(self._products))
        self.product_named: Loader[str, ProductView] = Loader(self._asking(self._products_named))
        self.feature: Loader[str, FeatureView] = Loader(self._asking(self._features))
        self.feature_named: Loader[str, FeatureView] = Loader(self._asking(self._features_named))
        self.customer: Loader[str, CustomerView] = Loader(self._asking(self._customers))
        self.subscription: Loader[str, SubscriptionView] = Loader(self._asking(self._subscriptions))
        self.subscriptions_of: Loader[SubscriptionsOf, Page[SubscriptionView]] = Loader(self._asking(self._pages))
        self.grants_of: Loader[GrantsOf, list[GrantView]] = Loader(self._asking(self._grants))
        self.overrides_of: Loader[tuple[str, str | None], list[OverrideView]] = Loader(self._asking(self._overrides))
        self.entitlements_of: Loader[EntitlementsOf, list[EntitlementView]] = Loader(self._asking(self._entitlements))
        self.customer_named: Loader[str, CustomerView] = Loader(self._asking(self._customers_named))
        self.kept_since: Loader[str, datetime] = Loader(self._asking(self._kept_since))
        self.policy: Loader[str, SelfServicePolicy] = Loader(self._asking(self._policies))
        self.price: Loader[str, PriceView] = Loader(self._asking(self._prices))
        self.change: Loader[str, ScheduledChangeView] = Loader(self._asking(self._changes))
        self.coupon: Loader[str, CouponView] = Loader(self._asking(lambda read, ids: read.coupons.by_ids(ids)))
        self.promotion_code: Loader[str, PromotionCodeView] = Loader(
            self._asking(lambda read, ids: read.coupons.codes_by_ids(ids))
        )
        self.discount_of_customer: Loader[str, DiscountView] = Loader(self._asking(self._discounts_of_customers))
        self.discount_of_subscription: Loader[str, DiscountView] = Loader(
            self._asking(self._discounts_of_subscriptions)
        )
        self.schedule: Loader[str, ScheduleView] = Loader(self._asking(self._schedules))
        self.job: Loader[str, JobView] = Loader(self._asking(self._jobs))
        self.payment_methods: Loader[str, list[PaymentMethodView]] = Loader(self._asking(self._methods))
        self.payments_of: Loader[str, list[PaymentView]] = Loader(
            self._asking(lambda read, ids: read.payments.of_invoices(ids))
        )
        self.refunds_of: Loader[str, list[RefundView]] = Loader(
            self._asking(lambda read, ids: read.payments.refunds_of(ids))
        )
        self.dispute_of: Loader[str, DisputeView] = Loader(
            self._asking(lambda read, ids: read.payments.disputes_of(ids))
        )
        self.invoice_lines: Loader[str, list[LineView]] = Loader(
            self._asking(lambda read, ids: read.invoices.lines_of(ids))
        )
        self.credit_notes_of: Loader[str, list[CreditNoteView]] = Loader(
            self._asking(lambda read, ids: read.credits.notes_of(ids))
        )
        self.balances_of: Loader[str, dict[str, int]] = Loader(self._asking(self._balances))
        self.invoice: Loader[str, InvoiceView] = Loader(self._asking(self._invoices))
        self.pending_items_of: Loader[PageFor, Page[LineView]] = Loader(self._asking(self._pending_items))
        self.credit_entries_of: Loader[PageFor, Page[CreditEntryView]] = Loader(self._asking(self._credit_entries))
        self.job_counts: Loader[str, dict[JobItemState, int]] = Loader(
            self._asking(lambda read, ids: read.jobs.counts(ids))
        )
        self.instalments: Loader[str, InstalmentsView] = Loader(self._asking(standings))
        self.job_money: Loader[str, list[MoneyMoved]] = Loader(self._asking(self._job_money))

    def forget(self) -> None:
        """Read again what is asked for from now on: something was done."""
        for loader in self._all():
            loader.forget()

    def clear(self) -> None:
        """Forget everything."""
        for loader in self._all():
            loader.clear()

    def _all(self) -> list[Loader[Any, Any]]:
        return [each for name, each in vars(self).items() if not name.startswith("_")]

    async def _plans(self, read: Reader, ids: Sequence[str]) -> Mapping[str, PlanView]:
        return await read.catalog.plans_by_id(ids)

    async def _versions(self, read: Reader, ids: Sequence[str]) -> Mapping[str, PlanView]:
        return await read.catalog.versions_by_id(ids)

    async def _plans_named(self, read: Reader, keys: Sequence[str]) -> Mapping[str, PlanView]:
        return await read.catalog.plans_by_key(keys)

    async def _plans_of_products(self, read: Reader, ids: Sequence[str]) -> Mapping[str, list[PlanView]]:
        return await read.catalog.plans_of(ids)

    async def _products(self, read: Reader, ids: Sequence[str]) -> Mapping[str, ProductView]:
        return await read.catalog.products_by_id(ids)

    async def _products_named(self, read: Reader, keys: Sequence[str]) -> Mapping[str, ProductView]:
        return await read.catalog.products_by_key(keys)

    async def _features(self, read: Reader, ids: Sequence[str]) -> Mapping[str, FeatureView]:
        return await read.catalog.features_by_id(ids)

    async def _features_named(self, read: Reader, names: Sequence[str]) -> Mapping[str, FeatureView]:
        return await read.catalog.features_named(names)

    async def _customers(self, read: Reader, ids: Sequence[str]) -> Mapping[str, CustomerView]:
        found = await read.customers.by_ids(ids)
        return {key: view for key, view in found.items() if self._principal.sees(key)}

    async def _subscriptions(self, read: Reader, ids: Sequence[str]) -> Mapping[str, SubscriptionView]:
        found = await read.subscriptions.by_ids(ids)
        return {key: view for key, view in found.items() if self._principal.sees(view.customer_id, key)}

    async def _pages(
        self, read: Reader, wanted: Sequence[SubscriptionsOf]
    ) -> Mapping[SubscriptionsOf, Page[SubscriptionView]]:
        """Read the pages of all customers that are asked alike together."""
        alike: dict[tuple[SubscriptionOrder, PageOf], list[str]] = {}
        for each in wanted:
            if self._principal.sees(each.customer_id):
                alike.setdefault((each.order, each.page), []).append(each.customer_id)
        found: dict[SubscriptionsOf, Page[SubscriptionView]] = {}
        for (order, page), ids in alike.items():
            bound = self._principal.subscription_id
            pages = await read.subscriptions.pages_of(ids, order, page.first, page.after, only=bound)
            found |= {SubscriptionsOf(id_, order, page): pages[id_] for id_ in ids}
        return found

    async def _grants(self, read: Reader, wanted: Sequence[GrantsOf]) -> Mapping[GrantsOf, list[GrantView]]:
        alike: dict[tuple[str | None, bool], list[str]] = {}
        for each in wanted:
            if self._principal.sees(each.customer_id):
                alike.setdefault((each.feature_id, each.ended), []).append(each.customer_id)
        found: dict[GrantsOf, list[GrantView]] = {}
        for (feature_id, ended), ids in alike.items():
            of = await read.entitlements.grants_of(ids, feature_id, ended=ended)
            found |= {GrantsOf(id_, feature_id, ended): of[id_] for id_ in ids}
        return found

    async def _overrides(
        self, read: Reader, wanted: Sequence[tuple[str, str | None]]
    ) -> Mapping[tuple[str, str | None], list[OverrideView]]:
        alike: dict[str | None, list[str]] = {}
        for customer_id, feature_id in wanted:
            if self._principal.sees(customer_id):
                alike.setdefault(feature_id, []).append(customer_id)
        found: dict[tuple[str, str | None], list[OverrideView]] = {}
        for feature_id, ids in alike.items():
            of = await read.entitlements.overrides_of(ids, feature_id)
            found |= {(id_, feature_id): of[id_] for id_ in ids}
        return found

    async def _entitlements(
        self, read: Reader, wanted: Sequence[EntitlementsOf]
    ) -> Mapping[EntitlementsOf, list[EntitlementView]]:
        """Decide about all customers that are asked about alike together."""
        alike: dict[tuple[str, datetime, tuple[str, ...] | None], list[str]] = {}
        for each in wanted:
            if self._principal.sees(each.customer_id):
                alike.setdefault((each.resource, each.at, each.features), []).append(each.customer_id)
        found: dict[EntitlementsOf, list[EntitlementView]] = {}
        known = await read.customers.by_ids([id_ for ids in alike.values() for id_ in ids])
        every = await read.catalog.features() if alike else []
        for (resource, at, named), ids in alike.items():
            features = [each for each in every if named is None or each.key in named or each.id in named]
            of = await decided_of(read, [known[id_] for id_ in ids if id_ in known], features, resource, at)
            found |= {EntitlementsOf(id_, resource, at, named): views for id_, views in of.items()}
        return found

    async def _customers_named(self, read: Reader, external_ids: Sequence[str]) -> Mapping[str, CustomerView]:
        found = await read.customers.by_external_ids(external_ids)
        return {key: view for key, view in found.items() if self._principal.sees(view.id)}

    async def _kept_since(self, read: Reader, environments: Sequence[str]) -> Mapping[str, datetime]:
        return {each: await read.environments.kept_since(each) for each in environments}

    async def _policies(self, read: Reader, environments: Sequence[str]) -> Mapping[str, SelfServicePolicy]:
        return {each: await read.environments.policy(each) for each in environments}

    async def _prices(self, read: Reader, ids: Sequence[str]) -> Mapping[str, PriceView]:
        return await read.catalog.prices_by_id(ids)

    async def _changes(self, read: Reader, ids: Sequence[str]) -> Mapping[str, ScheduledChangeView]:
        found = [await read.subscriptions.change(each) for each in ids]
        seen = [each for each in found if each and self._principal.sees(each.customer_id, each.subscription_id)]
        return {each.id: each for each in seen}

    async def _discounts_of_customers(self, read: Reader, ids: Sequence[str]) -> Mapping[str, DiscountView]:
        return await read.discounts.of_customers([each for each in ids if self._principal.sees(each)])

    async def _discounts_of_subscriptions(self, read: Reader, ids: Sequence[str]) -> Mapping[str, DiscountView]:
        found = await read.discounts.of_subscriptions(ids)
        return {key: view for key, view in found.items() if self._principal.sees(view.customer_id, key)}

    async def _schedules(self, read: Reader, ids: Sequence[str]) -> Mapping[str, ScheduleView]:
        found = await read.schedules.by_ids(ids)
        return {
            key: each for key, each in found.items() if self._principal.sees(each.customer_id, each.subscription_id)
        }

    async def _jobs(self, read: Reader, ids: Sequence[str]) -> Mapping[str, JobView]:
        if not self._principal.merchant:
            return {}
        return await read.jobs.by_ids(ids)

    async def _job_money(self, read: Reader, ids: Sequence[str]) -> Mapping[str, list[MoneyMoved]]:
        return await read.jobs.moneys(ids)

    async def _balances(self, read: Reader, ids: Sequence[str]) -> Mapping[str, dict[str, int]]:
        return await read.credits.balances_of([each for each in ids if self._principal.sees(each)])

    async def _invoices(self, read: Reader, ids: Sequence[str]) -> Mapping[str, InvoiceView]:
        found = await read.invoices.by_ids(ids)
        return {
            key: view for key, view in found.items() if self._principal.sees(view.customer_id, view.subscription_id)
        }

    async def _pending_items(self, read: Reader, wanted: Sequence[PageFor]) -> Mapping[PageFor, Page[LineView]]:
        found: dict[PageFor, Page[LineView]] = {}
        for page, ids in self._alike(wanted).items():
            pages = await read.invoices.waiting_pages(ids, page.first, page.after)
            found |= {PageFor(id_, page): pages[id_] for id_ in ids}
        return found

    async def _credit_entries(self, read: Reader, wanted: Sequence[PageFor]) -> Mapping[PageFor, Page[CreditEntryView]]:
        found: dict[PageFor, Page[CreditEntryView]] = {}
        for page, ids in self._alike(wanted).items():
            pages = await read.credits.entry_pages(ids, page.first, page.after)
            found |= {PageFor(id_, page): pages[id_] for id_ in ids}
        return found

    def _asking(
        self, ask: Callable[[Reader, Sequence[K]], Coroutine[Any, Any, Mapping[K, T]]]
    ) -> Callable[[Sequence[K]], Awaitable[Mapping[K, T]]]:
        """Read a batch in one question. What is somebody's is read by what leads to it, which was seen before."""
        return lambda keys: self._asked(lambda read: ask(read, keys))

    def _alike(self, wanted: Sequence[PageFor]) -> dict[PageOf, list[str]]:
        """Which customers the same page is asked of, of those whom the credential may see."""
        alike: dict[PageOf, list[str]] = {}
        for each in wanted:
            if self._principal.sees(each.customer_id):
                alike.setdefault(each.page, []).append(each.customer_id)
        return alike

    async def _methods(self, read: Reader, ids: Sequence[str]) -> Mapping[str, list[PaymentMethodView]]:
        return await read.payments.methods_of([each for each in ids if self._principal.sees(each)])
