"""Who asks."""

from datetime import datetime

from strawberry import ID

from models.choices import EnvironmentKind
from models.views import EnvironmentView
from resolvers import viewer as resolved
from resolvers.principal import PrincipalKind
from schema.objects.customer import Customer
from schema.promise import about, object_type


@object_type
class TestClock:
    """The clock of a TEST environment that does not follow the world's."""

    now: datetime = about("Its present.")
    target: datetime | None = about("Where it is being moved to, while that goes on.")


@object_type
class Environment:
    """An isolated world with its own catalog, customers, keys and clock."""

    id: ID = about("Its id.")
    key: str = about("Its short name.")
    name: str = about("What people call it.")
    kind: EnvironmentKind = about("What it is for.")
    zone: str = about("The zone of its calendar, for customers without their own.")
    locale: str = about("The language of its texts, for customers without their own.")
    test_clock: TestClock | None = about("Its own clock, where it has one.")

    @classmethod
    def of(cls, view: EnvironmentView) -> "Environment":
        """Show an environment."""
        clock = None if view.clock_at is None else TestClock(now=view.clock_at, target=view.clock_target)
        return cls(
            id=ID(view.id),
            key=view.key,
            name=view.name,
            kind=view.kind,
            zone=str(view.zone),
            locale=view.locale,
            test_clock=clock,
        )


@object_type
class Viewer:
    """Who asks, and what they may."""

    kind: PrincipalKind = about("What sort of credential was sent.")
    environment: Environment = about("Where it is valid.")
    customer: Customer | None = about("Whose token it is.")
    scopes: list[str] = about("What it may do.")

    @classmethod
    def of(cls, view: resolved.Viewer) -> "Viewer":
        """Show who asks."""
        return cls(
            kind=view.kind,
            environment=Environment.of(view.environment),
            customer=Customer.of(view.customer) if view.customer else None,
            scopes=list(view.scopes),
        )
