"""Plans of changes of the catalog, and what became of them."""

from billing.catalog.changes import CatalogChangeKind, CatalogSection
from resolvers.catalog_apply import Applied
from resolvers.catalog_documents import CatalogDocument as Written
from resolvers.catalog_plan import CatalogPlanned, PlannedChange, PlannedField
from schema.promise import about, object_type
from schema.scalars import JSON


@object_type
class LiveVersion:
    """A version of a plan or add-on that live subscriptions hold."""

    version: int = about("Which version.")
    live: int = about("How many live subscriptions hold it; they stay on it.")


@object_type
class CatalogFieldChange:
    """One field that changes, in the words of the document."""

    path: list[str] = about('Where it is in the thing: ["prices", "usd_month", "amount"].')
    before: JSON | None = about("What it is now; null where it is not there.")
    after: JSON | None = about("What it would be; null where it would not be there.")
    live: int | None = about(
        "Of an entitlement of a plan that is there: how many live subscriptions keep another one than the new."
    )

    @classmethod
    def of(cls, field: PlannedField) -> "CatalogFieldChange":
        """Show one field."""
        before, after = field.change.before, field.change.after
        return cls(
            path=list(field.change.path),
            before=None if before is None else JSON(before),
            after=None if after is None else JSON(after),
            live=field.live,
        )


@object_type
class CatalogChange:
    """What would become of one product, feature, plan or add-on."""

    kind: CatalogChangeKind = about("What becomes of it.")
    section: CatalogSection = about("What it is.")
    key: str = about("Its key.")
    name: str = about("What people call it.")
    version: int | None = about("The version that a plan or add-on would get; null where none is published.")
    live: int = about("How many live subscriptions have it now, in any version.")
    versions: list[LiveVersion] = about("The versions of a plan or add-on that live subscriptions hold, oldest first.")
    fields: list[CatalogFieldChange] = about("What changes, field by field; of a new thing, what it states.")

    @classmethod
    def of(cls, change: PlannedChange) -> "CatalogChange":
        """Show one change."""
        return cls(
            kind=change.kind,
            section=change.section,
            key=change.key,
            name=change.name,
            version=change.version,
            live=change.live,
            versions=[LiveVersion(version=each.version, live=each.live) for each in change.versions],
            fields=[CatalogFieldChange.of(each) for each in change.fields],
        )


@object_type
class CatalogPlan:
    """What applying a document would do. Nothing was written."""

    digest: str = about("Pass it to `catalogApply` to do this and nothing else: it is refused if anything moved.")
    pending: bool = about("Whether applying it would change anything.")
    changes: list[CatalogChange] = about("What does not stay as it is, and what is here and not in the document.")
    unchanged: int = about("How many things of the document are here already, just so.")

    @classmethod
    def of(cls, planned: CatalogPlanned) -> "CatalogPlan":
        """Show a plan of changes."""
        return cls(
            digest=planned.digest,
            pending=planned.pending,
            changes=[CatalogChange.of(each) for each in planned.changes],
            unchanged=planned.unchanged,
        )


@object_type
class CatalogAppliedChange:
    """What became of one product, feature, plan or add-on."""

    kind: CatalogChangeKind = about("What became of it.")
    section: CatalogSection = about("What it is.")
    key: str = about("Its key.")
    version: int | None = about("The version that was published, of a plan or add-on.")

    @classmethod
    def of(cls, applied: Applied) -> "CatalogAppliedChange":
        """Show what was done."""
        return cls(kind=applied.kind, section=applied.section, key=applied.key, version=applied.version)


@object_type
class CatalogDocument:
    """The environment's catalog, written down. Applied again it changes nothing."""

    document: str = about("YAML 1.2 or JSON, as asked for: products, features, plans and add-ons, archived ones too.")
    digest: str = about("What `catalogApply` of this very document takes while the catalog is as it is.")

    @classmethod
    def of(cls, written: Written) -> "CatalogDocument":
        """Show a document."""
        return cls(document=written.document, digest=written.digest)
