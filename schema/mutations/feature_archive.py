"""Archiving a feature."""

from typing import Annotated, TypeAlias

import strawberry
from strawberry import ID, UNSET

from models.views import FeatureView
from resolvers.catalog_archive import Archive, Archived, archive_feature
from schema.answers import answer, perform
from schema.info import Info
from schema.inputs import identifier_or_key
from schema.objects.feature import Feature
from schema.promise import ACTOR, IDEMPOTENCY_KEY, INPUT, REPLAYED, about, input_type, mutation, object_type, part_type
from schema.refusals import AnyAct, FeatureInUse
from schema.texts import actor, idempotency_key


@input_type
class FeatureArchiveInput:
    """The feature to archive."""

    feature_id: ID = about("The feature's id or key.")
    idempotency_key: str | None = about(IDEMPOTENCY_KEY, default=UNSET)
    actor: str | None = about(ACTOR, default=UNSET)

    def to_command(self) -> Archive:
        """Check every value."""
        return Archive(
            ref=identifier_or_key(self.feature_id, "featureId"),
            idempotency_key=idempotency_key(self.idempotency_key),
            actor=actor(self.actor),
        )


@object_type
class FeatureArchiveDone:
    """The feature is archived."""

    feature: Feature = about("The feature.")
    replayed: bool = about(REPLAYED)

    @classmethod
    def of(cls, outcome: Archived[FeatureView]) -> "FeatureArchiveDone":
        """Show what was done."""
        return cls(feature=Feature.of(outcome.view), replayed=outcome.replayed)


FeatureArchiveAnswer: TypeAlias = Annotated[
    FeatureArchiveDone | AnyAct | FeatureInUse,
    strawberry.union(
        "FeatureArchiveAnswer", description="What `featureArchive` answers: what was done, or how it was refused."
    ),
]


@part_type
class FeatureArchiveMutation:
    """The act as a root field."""

    @mutation
    async def feature_archive(self, info: Info, input: Annotated[FeatureArchiveInput, INPUT]) -> FeatureArchiveAnswer:
        """Archive a feature that no live subscription has: from then on nobody is given it."""
        return await answer(FeatureArchiveAnswer, FeatureArchiveDone.of, perform(archive_feature, info.context, input))
