"""Keys, without their secrets."""

from datetime import datetime

from strawberry import ID

from models.choices import KeyKind
from models.views import ApiKeyView
from schema.promise import about, object_type
from schema.relay import Node, shows


@shows(ApiKeyView)
@object_type
class ApiKey(Node):
    """A key of the environment; its secret is shown once, when it is made."""

    kind: KeyKind = about("Who holds it.")
    name: str = about("What the merchant calls it.")
    hint: str = about("The last characters of the secret, to tell keys apart.")
    scopes: list[str] = about("What it may do.")
    created_at: datetime = about("When it was made.")
    revoked_at: datetime | None = about("Since when it is refused.")

    @classmethod
    def of(cls, view: ApiKeyView) -> "ApiKey":
        """Show a key."""
        return cls(
            id=ID(view.id),
            kind=view.kind,
            name=view.name,
            hint=view.hint,
            scopes=list(view.scopes),
            created_at=view.created_at,
            revoked_at=view.revoked_at,
        )
