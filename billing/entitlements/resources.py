"""Which resource a question is about, and which sources speak about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from billing.entitlements.sources import FeatureKind
from billing.refusals import ResourceRequired

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from billing.entitlements.sources import Feature, Give, Sources, SubscriptionSource


def in_scope(source: str, resource: str) -> bool:
    """Whether a source's resource speaks about the one asked: its own, or '' which speaks about all."""
    return source in ("", resource)


def of_resources(sources: Sources) -> bool:
    """Whether any of the subscriptions has a resource of its own."""
    for each in sources.subscriptions:  # noqa: SIM110  (a generator takes as long again: it is asked of each decision)
        if each.resource:
            return True
    return False


def gives(subscription: SubscriptionSource, feature: Feature) -> bool:
    """Whether a subscription gives the feature now, by its plan or an add-on."""
    if subscription.no_access is not None:
        return False
    if _listed(subscription.gives, feature):
        return True
    return any(add_on.quantity > 0 and _listed(add_on.gives, feature) for add_on in subscription.add_ons)


def _listed(given: Mapping[str, Give], feature: Feature) -> bool:
    give = given.get(feature.id)
    return give is not None and (give.granted or feature.kind is not FeatureKind.BOOLEAN)


def giving_resources(sources: Sources) -> tuple[str, ...]:
    """The resources, in order, whose own subscriptions give the feature."""
    feature = sources.feature
    if feature is None:
        return ()
    of_one = [each for each in sources.subscriptions if each.resource]
    return tuple(sorted({each.resource for each in of_one if gives(each, feature)})) if of_one else ()


def effective_resource(sources: Sources, asked: str) -> str:
    """The resource that is meant: the one asked, or without one the only one that gives the feature, else ''.

    Several make the question ambiguous: numbers and values are refused as `ResourceRequired`; a boolean stays '' and
    is answered for any of them, so its sources are wanted whatever their resource.
    """
    feature = sources.feature
    if asked or feature is None or feature.archived or sources.customer_archived or not sources.customer_known:
        return asked
    if not of_resources(sources):
        return ""
    resources = giving_resources(sources)
    if len(resources) <= 1:
        return resources[0] if resources else ""
    if feature.kind is FeatureKind.BOOLEAN:
        return ""
    raise ResourceRequired(
        message="Several resources of this customer have the feature: name one.", field="resource", resources=resources
    )


def asked_about(sources: Sources, resource: str) -> Sequence[str]:
    """The resources to tell of, where none may be left out: the one asked, or each that `effective_resource` names."""
    if resource or not of_resources(sources):
        return (resource,)
    try:
        effective_resource(sources, "")
    except ResourceRequired as several:
        return several.resources
    return ("",)
