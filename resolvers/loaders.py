"""What nested reads are read by: one loader for each noun that others point to."""

from __future__ import annotations

from collections.abc import Hashable
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple, Protocol, TypeVar

from billing.dataclass import dataclass
from models.columns import EVERYTHING
from resolvers.batching import Loader, Round
from resolvers.deciding import decided_of, read_of, stand_of
from resolvers.grounds import catalog_found, customers_found, decisions_found, pages_found, subscriptions_found
from resolvers.instalments import InstalmentsView, standings

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping, Sequence
    from datetime import datetime

    from billing.policies import SelfServicePolicy
    from models.choices import JobItemState, SubscriptionOrder
    from models.coupon_views import CouponView, DiscountView, PromotionCodeView
    from models.give_views import GiveView
    from models.invoice_views import CreditEntryView, CreditNoteView, InvoiceView, LineView
    from models.job_views import JobView, MoneyMoved
    from models.paging import Page
    from models.payment_views import DisputeView, PaymentMethodView, PaymentView, RefundView
    from models.reader import Reader
    from models.schedule_views import ScheduleView
    from models.stores.giving import Holder
    from models.views import (
        CustomerView,
        FeatureView,
        GrantView,
        OverrideView,
        PlanCard,
        PriceView,
        ProductView,
        ScheduledChangeView,
        SubscriptionView,
    )
    from resolvers.deciding import DecisionsRead
    from resolvers.grounds import About, Rests
    from resolvers.inputs import PageOf
    from resolvers.principal import Principal

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


class Asked(Protocol):
    """Asks the stores what awaits nothing but them."""

    async def __call__(
        self,
        question: Callable[[Reader], Coroutine[Any, Any, T]],
        *,
        brief: bool = False,
        alone: bool = False,
        about: About[T] | None = None,
    ) -> T:
        """Carry a question out and answer it, at once where it is brief; `about` says whose rows were found."""
        ...


@dataclass(frozen=True, slots=True)
class SubscriptionsOf:
    """A page of one customer's subscriptions."""

    customer_id: str
    order: SubscriptionOrder
    page: PageOf


class OfVersion(NamedTuple):
    """One plan version, or what belongs to it: these columns of it."""

    version_id: str
    columns: frozenset[str] = EVERYTHING


@dataclass(frozen=True, slots=True)
class GrantsOf:
    """The grants of one customer; `feature_id` None is of every feature, `ended` also those that are over."""

    customer_id: str
    feature_id: str | None
    ended: bool


@dataclass(frozen=True, slots=True)
class EntitlementsOf:
    """What one customer may use at an instant; `resource` '' is of each, `features` None is of every feature.

    `seen` counts the changes that were noticed before it was asked: what was read before them is no answer.
    """

    holder: Holder
    resource: str
    at: datetime
    features: tuple[str, ...] | None
    seen: int


@dataclass(frozen=True, slots=True)
class PageFor:
    """A page of what one customer has."""

    customer_id: str
    page: PageOf


class Loads(Generic[K, T]):
    """How a loader reads a batch; it is made when it is first asked for: a call needs few of them."""

    def __init__(
        self,
        read: Callable[[Any, Reader, Sequence[K]], Coroutine[Any, Any, Mapping[K, T]]],
        *,
        alone: bool = False,
        about: Callable[[Sequence[K], Mapping[K, T]], Rests | None] | None = None,
        most: int | None = None,
    ) -> None:
        """Read in one question, as one of `Loaders`; `alone` says that it is one statement, `about` whose rows it read.

        Of more keys than `most` it is not a brief one. What is somebody's is read by what leads to it.
        """
        self._read = read
        self._alone = alone
        self._about = about
        self._most = most
        self._name = ""

    def __set_name__(self, _owner: type, name: str) -> None:
        """Hear what it is called."""
        self._name = name

    def __get__(self, of: Loaders, _owner: type) -> Loader[K, T]:
        """Make it, once: from then on the loaders themselves have it under its name."""
        read, asked, alone, about, most = self._read, of.asked, self._alone, self._about, self._most

        def load(keys: Sequence[K]) -> Coroutine[Any, Any, Mapping[K, T]]:
            rests = partial(about, keys) if about is not None else None
            brief = most is None or len(keys) <= most
            return asked(lambda reader: read(of, reader, keys), brief=brief, alone=alone, about=rests)

        made: Loader[K, T]
        made = of.__dict__[self._name] = Loader(load, of.round)
        return made


class Loaders:
    """One loader per noun that others point to, and per list that many objects may be asked for at once."""

    def __init__(self, asked: Asked, principal: Principal) -> None:
        """Ask the stores in this way, on behalf of this principal."""
        self.asked: Final = asked
        self.round: Final = Round()
        self._principal: Final = principal

    def forget(self) -> None:
        """Read again what is asked for from now on: something was done."""
        for loader in self._made():
            loader.forget()

    def clear(self) -> None:
        """Forget everything, the loaders too."""
        self.round.clear()
        for loader in self._made():
            loader.clear()
        vars(self).clear()

    def _made(self) -> list[Loader[Any, Any]]:
        return [each for each in vars(self).values() if isinstance(each, Loader)]

    async def _plans(self, read: Reader, ids: Sequence[str]) -> Mapping[str, PlanCard]:
        return await read.catalog.cards.by_id(ids)

    async def _versions(self, read: Reader, wanted: Sequence[OfVersion]) -> Mapping[OfVersion, PlanCard]:
        versions = await read.catalog.cards.versions(*_all_of(wanted))
        return {each: versions[each.version_id] for each in wanted if each.version_id in versions}

    async def _plans_named(self, read: Reader, keys: Sequence[str]) -> Mapping[str, PlanCard]:
        return await read.catalog.cards.by_key(keys)

    async def _plans_of_products(self, read: Reader, ids: Sequence[str]) -> Mapping[str, list[PlanCard]]:
        return await read.catalog.cards.of_products(ids)

    async def _gives(self, read: Reader, wanted: Sequence[OfVersion]) -> Mapping[OfVersion, list[GiveView]]:
        gives = await read.plan_gives.of(*_all_of(wanted))
        return {each: gives[each.version_id] for each in wanted}

    async def _prices_of(self, read: Reader, wanted: Sequence[OfVersion]) -> Mapping[OfVersion, list[PriceView]]:
        prices = await read.catalog.prices_of(*_all_of(wanted))
        return {each: prices[each.version_id] for each in wanted}

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
    ) -> Mapping[EntitlementsOf, DecisionsRead]:
        """Decide about all customers that are asked about alike together."""
        alike: dict[tuple[str, datetime, tuple[str, ...] | None], list[EntitlementsOf]] = {}
        for each in wanted:
            if self._principal.sees(each.holder.id):
                alike.setdefault((each.resource, each.at, each.features), []).append(each)
        found: dict[EntitlementsOf, DecisionsRead] = {}
        watched = {each.holder.id for each in wanted if each.seen}
        stood = await read.sequences.of([read.environment_id, *watched]) if watched else {}
        for (resource, at, named), several in alike.items():
            catalog = read.catalog
            features = await (catalog.features() if named is None else catalog.features_among(named))
            holders = {each.holder.id: each.holder for each in several}
            of = await decided_of(read, [*holders.values()], features, resource, at)
            for each in several:
                own, all_ = stood.get(each.holder.id), stood.get(read.environment_id)
                stand = stand_of(read.environment_id, each.holder, (own, all_), at)
                found[each] = read_of(of[each.holder.id], at, stand, own.external_id if own else None)
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
        found = await read.subscriptions.changes(ids)
        return {
            key: each for key, each in found.items() if self._principal.sees(each.customer_id, each.subscription_id)
        }

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

    def _alike(self, wanted: Sequence[PageFor]) -> dict[PageOf, list[str]]:
        """Which customers the same page is asked of, of those whom the credential may see."""
        alike: dict[PageOf, list[str]] = {}
        for each in wanted:
            if self._principal.sees(each.customer_id):
                alike.setdefault(each.page, []).append(each.customer_id)
        return alike

    async def _methods(self, read: Reader, ids: Sequence[str]) -> Mapping[str, list[PaymentMethodView]]:
        return await read.payments.methods_of([each for each in ids if self._principal.sees(each)])

    plan: Loads[str, PlanCard] = Loads(_plans, alone=True, about=catalog_found)
    plan_version: Loads[OfVersion, PlanCard] = Loads(_versions, alone=True, about=catalog_found)
    plan_named: Loads[str, PlanCard] = Loads(_plans_named, alone=True, about=catalog_found)
    prices_of: Loads[OfVersion, list[PriceView]] = Loads(_prices_of, alone=True, about=catalog_found)
    gives_of: Loads[OfVersion, list[GiveView]] = Loads(_gives, about=catalog_found)
    plans_of_product: Loads[str, list[PlanCard]] = Loads(_plans_of_products, alone=True, about=catalog_found)
    product: Loads[str, ProductView] = Loads(_products, alone=True, about=catalog_found)
    product_named: Loads[str, ProductView] = Loads(_products_named, alone=True, about=catalog_found)
    feature: Loads[str, FeatureView] = Loads(_features, alone=True, about=catalog_found)
    feature_named: Loads[str, FeatureView] = Loads(_features_named, alone=True, about=catalog_found)
    customer: Loads[str, CustomerView] = Loads(_customers, alone=True, about=customers_found)
    subscription: Loads[str, SubscriptionView] = Loads(_subscriptions, about=subscriptions_found)
    subscriptions_of: Loads[SubscriptionsOf, Page[SubscriptionView]] = Loads(_pages, about=pages_found)
    grants_of: Loads[GrantsOf, list[GrantView]] = Loads(_grants)
    overrides_of: Loads[tuple[str, str | None], list[OverrideView]] = Loads(_overrides)
    entitlements_of: Loads[EntitlementsOf, DecisionsRead] = Loads(_entitlements, most=10, about=decisions_found)
    customer_named: Loads[str, CustomerView] = Loads(_customers_named, alone=True, about=customers_found)
    kept_since: Loads[str, datetime] = Loads(_kept_since)
    policy: Loads[str, SelfServicePolicy] = Loads(_policies)
    price: Loads[str, PriceView] = Loads(_prices, alone=True, about=catalog_found)
    change: Loads[str, ScheduledChangeView] = Loads(_changes)
    coupon: Loads[str, CouponView] = Loads(lambda _, read, ids: read.coupons.by_ids(ids))
    promotion_code: Loads[str, PromotionCodeView] = Loads(lambda _, read, ids: read.coupons.codes_by_ids(ids))
    discount_of_customer: Loads[str, DiscountView] = Loads(_discounts_of_customers)
    discount_of_subscription: Loads[str, DiscountView] = Loads(_discounts_of_subscriptions)
    schedule: Loads[str, ScheduleView] = Loads(_schedules)
    job: Loads[str, JobView] = Loads(_jobs)
    payment_methods: Loads[str, list[PaymentMethodView]] = Loads(_methods)
    payments_of: Loads[str, list[PaymentView]] = Loads(lambda _, read, ids: read.payments.of_invoices(ids))
    refunds_of: Loads[str, list[RefundView]] = Loads(lambda _, read, ids: read.payments.refunds_of(ids))
    dispute_of: Loads[str, DisputeView] = Loads(lambda _, read, ids: read.payments.disputes_of(ids))
    invoice_lines: Loads[str, list[LineView]] = Loads(lambda _, read, ids: read.invoices.lines_of(ids))
    credit_notes_of: Loads[str, list[CreditNoteView]] = Loads(lambda _, read, ids: read.credits.notes_of(ids))
    balances_of: Loads[str, dict[str, int]] = Loads(_balances)
    invoice: Loads[str, InvoiceView] = Loads(_invoices)
    pending_items_of: Loads[PageFor, Page[LineView]] = Loads(_pending_items)
    credit_entries_of: Loads[PageFor, Page[CreditEntryView]] = Loads(_credit_entries)
    job_counts: Loads[str, dict[JobItemState, int]] = Loads(lambda _, read, ids: read.jobs.counts(ids))
    instalments: Loads[str, InstalmentsView] = Loads(lambda _, read, ids: standings(read, ids))
    job_money: Loads[str, list[MoneyMoved]] = Loads(_job_money)


def _all_of(wanted: Sequence[OfVersion]) -> tuple[list[str], frozenset[str]]:
    """Name the versions, each once, and every column that one of them is wanted with."""
    versions = dict.fromkeys([each.version_id for each in wanted])
    return [*versions], frozenset[str]().union(*[each.columns for each in wanted])
