"""Create an environment: the world, its policy, its sequence and the key that signs its customers' tokens."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from billing.dataclass import dataclass
from billing.policies import SelfServicePolicy
from billing.refusals import InvalidInput
from models.choices import EnvironmentKind, PolicyScope
from models.stores.environments import Environments, Keys
from models.tables.environment import EnvironmentRow, PolicyRow, SigningKeyRow
from resolvers import checks

if TYPE_CHECKING:
    from datetime import datetime

    from models.ids import Ids
    from models.session import Database
    from models.views import EnvironmentView
    from resolvers.context import Tokens

KEY = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,48}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class EnvironmentCreate:
    """What a new environment is; `test_clock_at` starts a test clock and is for TEST environments only."""

    key: str
    name: str
    kind: EnvironmentKind
    zone: str = "UTC"
    locale: str = "en"
    test_clock_at: datetime | None = None


async def environment_create(
    database: Database, ids: Ids, tokens: Tokens, command: EnvironmentCreate, *, at: datetime
) -> EnvironmentView:
    """Create it in one transaction. Only whoever runs the program can: there is no credential before there is one."""
    _demand_possible(command)
    environment = _row(command, ids.new("env"), at)
    signing_key = _signing_key(tokens, environment.id, at)
    async with database.working() as session:
        environments = Environments(session)
        if await environments.by_key(command.key) is not None:
            raise InvalidInput(f"There is an environment {command.key} already.", field="key")
        await environments.add(environment, _policy(environment.id, ids))
        await Keys(session).add_signing_key(signing_key)
        created = await environments.by_key(command.key)
    if created is None:
        raise InvalidInput("The environment was not kept.", field="key")
    return created


def _demand_possible(command: EnvironmentCreate) -> None:
    if KEY.fullmatch(command.key) is None:
        raise InvalidInput("A key has 1 to 50 of a-z, 0-9, - and _, with a letter or digit at both ends.", field="key")
    checks.text(command.name, "name")
    checks.zone(command.zone)
    checks.locale(command.locale)
    if command.test_clock_at is not None and command.kind is not EnvironmentKind.TEST:
        raise InvalidInput("Only a TEST environment can run on a test clock.", field="testClockAt")


def _row(command: EnvironmentCreate, environment_id: str, at: datetime) -> EnvironmentRow:
    return EnvironmentRow(
        id=environment_id,
        key=command.key,
        name=command.name,
        kind=command.kind,
        zone=command.zone,
        locale=command.locale,
        clock_at=command.test_clock_at,
        created_at=command.test_clock_at or at,
    )


def _policy(environment_id: str, ids: Ids) -> PolicyRow:
    shipped = SelfServicePolicy()
    return PolicyRow(
        id=ids.new("pol"),
        environment_id=environment_id,
        scope=PolicyScope.ENVIRONMENT,
        allow_cancel=shipped.allow_cancel,
        allow_change=shipped.allow_change,
        mode=shipped.mode,
        instructions=shipped.instructions,
        allow_instalment_cancel=shipped.allow_instalment_cancel,
    )


def _signing_key(tokens: Tokens, environment_id: str, at: datetime) -> SigningKeyRow:
    kid, public, private_encrypted = tokens.new_key()
    return SigningKeyRow(
        id=kid,
        environment_id=environment_id,
        public=public,
        private_encrypted=private_encrypted,
        created_at=at,
    )
