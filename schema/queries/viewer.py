"""Asking who asks, and for anything by its id."""

from typing import Annotated

import strawberry
from strawberry import ID

from resolvers import keys, nodes
from resolvers import viewer as resolved
from schema.info import Info
from schema.objects.api_key import ApiKey
from schema.objects.viewer import Viewer
from schema.promise import field, part_type
from schema.relay import Node, show
from schema.texts import single


@part_type
class ViewerQuery:
    """Who asks, what they hold, and anything by its id."""

    @field
    async def viewer(self, info: Info) -> Viewer:
        """Who asks, by the credential that was sent."""
        return Viewer.of(await resolved.viewer(info.context))

    @field
    async def api_keys(self, info: Info) -> list[ApiKey]:
        """The keys of the environment, revoked ones too."""
        return [ApiKey.of(view) for view in await keys.api_keys(info.context)]

    @field
    async def node(
        self,
        info: Info,
        id: Annotated[ID, strawberry.argument(description="The id.")],
    ) -> Node | None:
        """Anything that has an id of its own; null where there is no such one."""
        wanted = single(id)
        view = await nodes.node(info.context, wanted) if wanted else None
        return show(view) if view else None
