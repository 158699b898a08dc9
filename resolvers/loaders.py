"""Batching of nested reads: keys asked for in the same turn of the loop are read together, once per call."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager

    from models.reader import Reader
    from models.views import CustomerView, FeatureView, PlanView, ProductView, SubscriptionView
    from resolvers.principal import Principal

T = TypeVar("T")


class Loader(Generic[T]):
    """Reads values by key; what was read is remembered for the call."""

    def __init__(self, read: Callable[[Sequence[str]], Awaitable[Mapping[str, T]]]) -> None:
        """Read in batches by this."""
        self._read = read
        self._known: dict[str, asyncio.Future[T | None]] = {}
        self._waiting: list[str] = []
        self._turn: asyncio.Task[None] | None = None

    async def load(self, key: str) -> T | None:
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

    async def _together(self) -> None:
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


class Loaders:
    """One loader per noun that others point to."""

    def __init__(self, read: Callable[[], AbstractAsyncContextManager[Reader]], principal: Principal) -> None:
        """Read in this way, on behalf of this principal."""
        self._reading = read
        self._principal = principal
        self.plan: Loader[PlanView] = Loader(self._plans)
        self.plan_version: Loader[PlanView] = Loader(self._versions)
        self.product: Loader[ProductView] = Loader(self._products)
        self.feature: Loader[FeatureView] = Loader(self._features)
        self.customer: Loader[CustomerView] = Loader(self._customers)
        self.subscription: Loader[SubscriptionView] = Loader(self._subscriptions)

    def clear(self) -> None:
        """Forget everything."""
        for loader in (self.plan, self.plan_version, self.product, self.feature, self.customer, self.subscription):
            loader.clear()

    async def _plans(self, ids: Sequence[str]) -> Mapping[str, PlanView]:
        async with self._reading() as read:
            return await read.catalog.plans_by_id(ids)

    async def _versions(self, ids: Sequence[str]) -> Mapping[str, PlanView]:
        async with self._reading() as read:
            return await read.catalog.versions_by_id(ids)

    async def _products(self, ids: Sequence[str]) -> Mapping[str, ProductView]:
        async with self._reading() as read:
            return await read.catalog.products_by_id(ids)

    async def _features(self, ids: Sequence[str]) -> Mapping[str, FeatureView]:
        async with self._reading() as read:
            return await read.catalog.features_by_id(ids)

    async def _customers(self, ids: Sequence[str]) -> Mapping[str, CustomerView]:
        async with self._reading() as read:
            found = await read.customers.by_ids(ids)
        return {key: view for key, view in found.items() if self._principal.sees(key)}

    async def _subscriptions(self, ids: Sequence[str]) -> Mapping[str, SubscriptionView]:
        async with self._reading() as read:
            found = await read.subscriptions.by_ids(ids)
        return {key: view for key, view in found.items() if self._principal.sees(view.customer_id, key)}
