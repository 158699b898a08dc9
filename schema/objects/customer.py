"""Whom things are sold to."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry
from strawberry import ID, UNSET

from models.choices import Consistency, CustomerKind, SubscriptionOrder
from models.views import CustomerView
from resolvers.coupons import discount_of_customer
from resolvers.deciding import EntitlementView
from resolvers.entitlements import entitlements
from resolvers.grants import grants, overrides
from resolvers.inputs import CustomerRef
from resolvers.invoices import balances_of, credit_entries_of, pending_items_of
from resolvers.payments import methods_of
from resolvers.subscriptions import subscriptions_of
from schema.info import Info
from schema.objects.discount import Discount
from schema.objects.entitlement import Entitlement, HowFresh
from schema.objects.grant import Grant, Override
from schema.objects.money import Money
from schema.objects.payment import PaymentMethod
from schema.promise import about, field, field_of, object_type, shown
from schema.relay import FIRST, NAMED, After, Connection, First, Node, connection, page_of, show, shows
from schema.scalars import Metadata
from schema.texts import given, optional_text, texts

if TYPE_CHECKING:
    from schema.objects.credit_entry import CreditEntry
    from schema.objects.invoice import InvoiceLine
    from schema.objects.subscription import Subscription

MOST_FEATURES = 200


@object_type
class Address:
    """A postal address."""

    line1: str | None = about("Street and number.")
    line2: str | None = about("Whatever else leads there.")
    postal_code: str | None = about("The postal code.")
    city: str | None = about("The city.")
    region: str | None = about("The state, province or county.")

    @classmethod
    def of(cls, kept: Mapping[str, str]) -> "Address":
        """Show an address."""
        return cls(
            line1=kept.get("line1"),
            line2=kept.get("line2"),
            postal_code=kept.get("postalCode"),
            city=kept.get("city"),
            region=kept.get("region"),
        )


@object_type
class TaxId:
    """A number by which a tax office knows the customer."""

    type: str = about("What sort of number it is, like `eu_vat`.")
    value: str = about("The number.")


@shows(CustomerView)
@object_type
class Customer(Node):
    """Whom things are sold to."""

    view: strawberry.Private[CustomerView]
    id: ID = shown(NAMED, "id")
    external_id: str | None = shown("The host's own id, unique in the environment.", "external_id")
    name: str | None = shown("The name.", "name")
    email: str | None = shown("The e-mail address.", "email")
    kind: CustomerKind = shown("Which law speaks for them.", "kind")
    locale: str | None = shown("The language of texts, like `de` or `pt-BR`; null is the environment's.", "locale")
    zone: str | None = shown("The zone of their calendar, like `Europe/Berlin`; null is the environment's.", "zone")
    country: str | None = shown("The ISO 3166 code of the billing country.", "country")
    currency: str | None = shown(
        "The ISO 4217 code of the currency in which they are billed, once that is fixed.", "currency"
    )
    metadata: Metadata = shown("The merchant's own notes.", "metadata")
    created_at: datetime = shown("When they were made known.", "created_at")
    archived_at: datetime | None = shown("Since when they take no new subscriptions, usage or sessions.", "archived_at")

    @classmethod
    def of(cls, view: CustomerView) -> "Customer":
        """Show a customer; what is not asked for of it is not written."""
        return cls(view=view)

    @field
    def address(self) -> Address | None:
        """The billing address."""
        return Address.of(self.view.address) if self.view.address else None

    @field
    def tax_ids(self) -> list[TaxId]:
        """The tax numbers."""
        return [TaxId(type=one.get("type", ""), value=one.get("value", "")) for one in self.view.tax_ids]

    @field
    async def credit_balances(self, info: Info) -> list[Money]:
        """What they have in credit, in each currency that they had some of; the next invoice spends it. (C7)"""
        found = await balances_of(info.context, self.view.id)
        return [Money.of(amount, currency) for currency, amount in found.items()]

    @field
    async def credit_entries(
        self, info: Info, first: First = FIRST, after: After = UNSET
    ) -> Connection[Annotated["CreditEntry", strawberry.lazy("schema.objects.credit_entry")]]:
        """Every movement of what they have in credit, newest first. (C7)"""
        return connection(await credit_entries_of(info.context, self.view.id, page_of(first, after)), show)

    @field
    async def pending_items(
        self, info: Info, first: First = FIRST, after: After = UNSET
    ) -> Connection[Annotated["InvoiceLine", strawberry.lazy("schema.objects.invoice")]]:
        """What waits for an invoice, oldest first: items, and what changes of subscriptions left to bill. (C11)"""
        return connection(await pending_items_of(info.context, self.view.id, page_of(first, after)), show)

    @field
    async def payment_methods(self, info: Info) -> list[PaymentMethod]:
        """What they can pay with, oldest first."""
        return [PaymentMethod.of(view) for view in await methods_of(info.context, self.view.id)]

    @field
    async def subscriptions(
        self,
        info: Info,
        order_by: Annotated[
            SubscriptionOrder, strawberry.argument(description="How they are sorted.")
        ] = SubscriptionOrder.CREATED_DESC,
        first: First = FIRST,
        after: After = UNSET,
    ) -> Connection[Annotated["Subscription", strawberry.lazy("schema.objects.subscription")]]:
        """Their subscriptions, ended ones too."""
        page = await subscriptions_of(info.context, self.view.id, order_by, page_of(first, after))
        return connection(page, show)

    @field_of(list[Entitlement])
    async def entitlements(
        self,
        info: Info,
        resource: Annotated[str | None, strawberry.argument(description="For one resource only.")] = UNSET,
        at: Annotated[datetime | None, strawberry.argument(description="At another instant than now.")] = UNSET,
        features: Annotated[
            list[str] | None, strawberry.argument(description="Of these features only, by id or key.")
        ] = UNSET,
        consistency: HowFresh = Consistency.EVENTUAL,
    ) -> list[EntitlementView]:
        """What they may use, one entry per feature and, where several resources have it, per resource."""
        wanted = texts(features, "features", MOST_FEATURES)
        return await entitlements(
            info.context,
            self._ref(),
            resource=optional_text(resource, "resource"),
            at=given(at),
            features=wanted,
            consistency=consistency,
        )

    @field
    async def grants(
        self,
        info: Info,
        feature: Annotated[str | None, strawberry.argument(description="Of one feature only, by id or key.")] = UNSET,
        ended: Annotated[bool, strawberry.argument(description="Also those that are over.")] = False,
    ) -> list[Grant]:
        """What was given on top of their plans."""
        found = await grants(info.context, self.view.id, optional_text(feature, "feature"), ended=ended)
        return [Grant.of(view) for view in found]

    @field
    async def overrides(
        self,
        info: Info,
        feature: Annotated[str | None, strawberry.argument(description="Of one feature only, by id or key.")] = UNSET,
    ) -> list[Override]:
        """What stands in place of their plans."""
        found = await overrides(info.context, self.view.id, optional_text(feature, "feature"))
        return [Override.of(view) for view in found]

    @field
    async def discount(self, info: Info) -> Discount | None:
        """What runs on all that they have; where a subscription has a discount of its own, that one speaks for it."""
        view = await discount_of_customer(info.context, self.view.id)
        return Discount.of(view) if view else None

    def _ref(self) -> CustomerRef:
        return CustomerRef(id=self.view.id)
