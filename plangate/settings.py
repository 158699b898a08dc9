"""Settings: what a deployment decides, from its environment (`PLANGATE_…`) and a file (`plangate.toml`).

The environment wins over the file, the file over the defaults. `PLANGATE_LIMITS__DEPTH` sets `depth` in `[limits]`.
"""

from __future__ import annotations

import os
import re
import tomllib
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)
from sqlalchemy.engine import make_url

from billing.dataclass import dataclass
from models.files import file_of
from models.weighing import SNAPSHOT_BYTES
from plangate.addresses import database_address, host, public_address
from plangate.execution.limits import ExecutionLimits
from plangate.execution.profile import DEVELOPMENT, PRODUCTION, Profile
from plangate.problems import UserProblem
from plangate.secrets import SECRET_LENGTH

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PREFIX: Final = "PLANGATE_"
FILE: Final = "plangate.toml"
NESTED: Final = "__"
_OF_OTHERS: Final = re.compile(r"PLANGATE_(TEST_|SERVICE_|PORT_\d)")
"""Variables that our tests read, and those that a cluster sets for a service of our name."""
_LIMITS: Final = ExecutionLimits()


class ProfileName(StrEnum):
    """What a deployment shows of itself."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class LogLevel(StrEnum):
    """From which level on lines are written."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogFormat(StrEnum):
    """How lines are written; AUTO is CONSOLE for a terminal and JSON else."""

    AUTO = "auto"
    JSON = "json"
    CONSOLE = "console"


def _limit(default: float, description: str) -> Any:  # noqa: ANN401  (pydantic's own way of declaring a field)
    return Field(default=default, gt=0, description=description)


class LimitSettings(BaseModel):
    """How much one request may ask for; the counts hold with every fragment written out."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    body_bytes: int = _limit(_LIMITS.body_bytes, "Bytes of a request's body.")
    body_seconds: float = _limit(_LIMITS.body_seconds, "Seconds for a body to be complete.")
    deadline_seconds: float = _limit(_LIMITS.deadline_seconds, "Seconds for an answer; then it is given up.")
    document_characters: int = _limit(_LIMITS.document_characters, "Characters of a document.")
    tokens: int = _limit(_LIMITS.tokens, "Tokens of a document.")
    comments: int = _limit(_LIMITS.comments, "Comments in a document.")
    depth: int = _limit(_LIMITS.depth, "Fields inside one another.")
    aliases: int = _limit(_LIMITS.aliases, "Aliases of an operation.")
    directives: int = _limit(_LIMITS.directives, "Directives of an operation.")
    root_fields: int = _limit(_LIMITS.root_fields, "Fields at the root of an operation.")
    fields: int = _limit(_LIMITS.fields, "Fields of an operation.")
    operations: int = _limit(_LIMITS.operations, "Operations in a document.")
    selections_nested: int = _limit(_LIMITS.selections_nested, "Selection sets inside one another, as written.")
    merge_comparisons: int = _limit(_LIMITS.merge_comparisons, "Comparisons of fields that share an answer's name.")
    reported_errors: int = _limit(_LIMITS.reported_errors, "Errors that one refusal names.")
    variable_values: int = _limit(_LIMITS.variable_values, "Values in a request's variables.")
    variable_depth: int = _limit(_LIMITS.variable_depth, "Lists and objects inside one another in variables.")
    cached_documents: int = _limit(_LIMITS.cached_documents, "Documents that are remembered.")
    cached_characters: int = _limit(_LIMITS.cached_characters, "Characters of all remembered documents.")
    cached_refusals: int = _limit(_LIMITS.cached_refusals, "Refused documents that are remembered.")
    answer_members: int = _limit(_LIMITS.answer_members, "Members of all lists of an answer.")
    answer_bytes: int = _limit(_LIMITS.answer_bytes, "Bytes of an answer.")
    cost_public: int = _limit(_LIMITS.cost_public, "Points of an operation of the public or a publishable key.")
    cost_customer: int = _limit(_LIMITS.cost_customer, "Points of an operation with a customer token.")
    cost_secret: int = _limit(_LIMITS.cost_secret, "Points of an operation with a secret key.")

    def execution(self) -> ExecutionLimits:
        """Answer them as the endpoint takes them."""
        return ExecutionLimits(**self.model_dump())


class Settings(BaseSettings):
    """Everything that a deployment decides. Made by `load`; made directly, it reads no environment and no file."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter=NESTED,
        extra="forbid",
        frozen=True,
        validate_default=True,
        allow_inf_nan=False,
    )

    database_url: str = Field(
        default="sqlite:///var/plangate.db",
        description="Where everything is kept: `sqlite:///file` or `postgresql://user:password@host/name`.",
    )
    database_wait_seconds: float = Field(
        default=3.0, gt=0, description="Seconds that a call waits for the store; less than `limits.deadline_seconds`."
    )
    snapshot_bytes: int = Field(
        default=SNAPSHOT_BYTES,
        ge=0,
        description="Bytes for decisions and answers that are still so, and as many for what use left; 0 keeps none.",
    )
    notice_seconds: float | None = Field(
        default=None,
        ge=0,
        le=0.05,
        description="Seconds within which memory notices what other programs wrote; 0 looks before each use. "
        "Default: 0.005 with SQLite, 0.04 with PostgreSQL.",
    )
    secret: SecretStr | None = Field(
        default=None,
        description="At least 32 random characters that encrypt token signing keys; needed outside the demo.",
    )
    host: str = Field(default="127.0.0.1", description="The address to listen on.")
    port: int = Field(default=8000, ge=0, le=65535, description="The port to listen on; 0 takes a free one.")
    public_url: str | None = Field(
        default=None, description="How the outside reaches this server; its links begin so. Default: host and port."
    )
    trusted_proxies: str = Field(
        default="127.0.0.1", description="Addresses of proxies whose forwarding headers are believed, by comma."
    )
    profile: ProfileName = Field(
        default=ProfileName.PRODUCTION,
        description="`development` answers GET queries, introspection and a browser's page; `production` does not.",
    )
    public_environment: str | None = Field(
        default=None, description="The key of the environment whose catalog is shown without a credential."
    )
    worker_inside: bool = Field(default=False, description="Whether the server runs the worker too.")
    worker_idle_seconds: float = Field(default=0.25, gt=0, description="Seconds between looks for due things.")
    connections: int = Field(default=1_000, ge=1, description="Connections that are open at a time.")
    head_seconds: float = Field(default=10.0, gt=0, description="Seconds for the head of a request to be complete.")
    head_bytes: int = Field(default=64_000, ge=1_000, description="Bytes of a request's head.")
    idle_seconds: float = Field(default=30.0, gt=0, description="Seconds that a connection may rest between requests.")
    shutdown_seconds: float = Field(
        default=8.0, gt=0, description="Seconds that requests have to finish at the end; more than the deadline."
    )
    token_minutes: int = Field(default=15, ge=1, le=60, description="Minutes that a customer token is valid.")
    portal_link_minutes: int = Field(default=60, ge=1, description="Minutes that a portal link can be opened.")
    portal_session_minutes: int = Field(default=60, ge=1, description="Minutes that an opened portal stays open.")
    invoice_link_days: int = Field(
        default=90, ge=1, le=3650, description="Days that a link to an invoice's page can be opened."
    )
    mail_url: SecretStr | None = Field(
        default=None, description="Where mails go: `smtps://user:password@host`, `smtp://…` or `file:///folder`."
    )
    mail_from: str | None = Field(default=None, description="The address that mails to customers come from.")
    mail_link_days: int = Field(
        default=7, ge=1, le=365, description="Days that a mail's portal link can be opened, at least."
    )
    clock_budget_seconds: float = Field(
        default=25.0, gt=0, description="Seconds to advance a test clock in one call, at most 0.8 of the deadline."
    )
    log_level: LogLevel = Field(default=LogLevel.INFO, description="From which level on lines are logged.")
    log_format: LogFormat = Field(default=LogFormat.AUTO, description="`json`, `console`, or `auto` by terminal.")
    limits: LimitSettings = Field(default_factory=LimitSettings, description="How much one request may ask for.")

    @field_validator("database_url")
    @classmethod
    def _with_driver(cls, value: str) -> str:
        """Name the driver that is used here."""
        return database_address(value)

    @field_validator("host")
    @classmethod
    def _a_host(cls, value: str) -> str:
        """Refuse what nobody could listen on."""
        return host(value)

    @field_validator("secret")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        """Refuse what could be guessed."""
        if value is not None and len(value.get_secret_value()) < SECRET_LENGTH:
            raise ValueError(f"it needs at least {SECRET_LENGTH} characters")
        return value

    @field_validator("public_url")
    @classmethod
    def _without_slash(cls, value: str | None) -> str | None:
        """Take web addresses only, without the last slash."""
        return public_address(value)

    @model_validator(mode="after")
    def _in_this_order(self) -> Settings:
        """Refuse to wait for the store as long as for the answer, or for the end no longer than for an answer."""
        deadline = self.limits.deadline_seconds
        if self.database_wait_seconds >= deadline:
            raise ValueError(f"database_wait_seconds has to be less than limits.deadline_seconds ({deadline:g})")
        if self.shutdown_seconds <= deadline:
            raise ValueError(f"shutdown_seconds has to be more than limits.deadline_seconds ({deadline:g})")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take only what is given: `load` reads the rest, and remembers from where."""
        del settings_cls, env_settings, dotenv_settings, file_secret_settings
        return (init_settings,)

    @property
    def url(self) -> str:
        """Where the server is reached, without a slash at the end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.public_url or f"http://{host}:{self.port}"

    @property
    def shows(self) -> Profile:
        """What the endpoint shows."""
        return DEVELOPMENT if self.profile is ProfileName.DEVELOPMENT else PRODUCTION

    @property
    def sqlite_file(self) -> Path | None:
        """The file of a SQLite database; None on PostgreSQL."""
        return file_of(self.database_url)

    def key(self) -> str:
        """The program's secret, or a `UserProblem` that says how to make one."""
        if self.secret is None:
            raise UserProblem("PLANGATE_SECRET is not set: give it 32 random characters or more.")
        return self.secret.get_secret_value()


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting as `plangate config` shows it; secrets and passwords are masked."""

    name: str
    value: object
    origin: str
    description: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings, and where each of them came from."""

    settings: Settings
    origins: Mapping[str, str]

    def listed(self) -> list[Setting]:
        """Every setting with its value, origin and meaning."""
        return list(_listed(self.settings, "", self.origins))


def load(config: Path | None = None, *, given: Mapping[str, object] | None = None, by: str = "command line") -> Loaded:
    """Read the environment and the file (`config`, `PLANGATE_CONFIG`, or plangate.toml here if it is there).

    What is `given` wins, and is shown as coming from `by`. Raises `UserProblem` naming the setting that is wrong.
    """
    file = config or (Path(os.environ["PLANGATE_CONFIG"]) if os.environ.get("PLANGATE_CONFIG") else None)
    from_file = _read(file or Path(FILE), wanted=file is not None)
    sources: list[tuple[str, Mapping[str, Any]]] = [
        (str(file or FILE), from_file),
        ("environment", _environment()),
        (by, dict(given or {})),
    ]
    merged: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for origin, source in sources:
        for path, value in _leaves(source):
            _put(merged, path, value)
            origins[".".join(path)] = origin
    try:
        return Loaded(Settings(**merged), origins)
    except ValidationError as problem:
        raise UserProblem(_said(problem, origins)) from None


def _environment() -> dict[str, Any]:
    """Read the variables; raises `UserProblem` for one that is no text, or that names no setting."""
    known = {*(PREFIX + name.upper() for name in Settings.model_fields), f"{PREFIX}CONFIG"}
    limits = {f"{PREFIX}LIMITS{NESTED}{name.upper()}" for name in LimitSettings.model_fields}
    for name, value in os.environ.items():
        written = name.upper()
        if not written.startswith(PREFIX):
            continue
        if not f"{name}{value}".isprintable() and any("\ud800" <= each <= "\udfff" for each in f"{name}{value}"):
            raise UserProblem(f"The variable {name.encode(errors='replace').decode()} is not valid text in UTF-8.")
        if written not in known | limits and not _OF_OTHERS.match(written):
            near = get_close_matches(written, sorted(known | limits), 1)
            hint = f" Did you mean {near[0]}?" if near else " `plangate config` lists all."
            raise UserProblem(f"There is no setting {name}.{hint}")
    try:
        return EnvSettingsSource(Settings)()
    except SettingsError:
        message = "PLANGATE_LIMITS is a table: set its values one by one, such as PLANGATE_LIMITS__DEPTH."
        raise UserProblem(message) from None


def _read(file: Path, *, wanted: bool) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if wanted:
            raise UserProblem(f"There is no settings file {file}.") from None
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise UserProblem(f"The settings file {file} cannot be read: {problem}.") from None


def _leaves(source: Mapping[str, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, value in source.items():
        if isinstance(value, dict):
            yield from _leaves(value, (*above, name))  # pyright: ignore[reportUnknownArgumentType]  (settings by name)
        else:
            yield (*above, name), value


def _put(into: dict[str, Any], path: tuple[str, ...], value: object) -> None:
    for name in path[:-1]:
        into = into.setdefault(name, {})
    into[path[-1]] = value


def _said(problem: ValidationError, origins: Mapping[str, str]) -> str:
    first = problem.errors(include_input=False, include_url=False)[0]
    name = ".".join(str(part) for part in first["loc"])
    if not name:
        return f"The settings do not fit together: {first['msg'].removeprefix('Value error, ')}."
    reason = "there is no such setting" if first["type"] == "extra_forbidden" else first["msg"]
    return f"The setting {name} ({origins.get(name, 'default')}) is wrong: {reason.removeprefix('Value error, ')}."


def _listed(of: BaseModel, above: str, origins: Mapping[str, str]) -> Iterator[Setting]:
    for name, declared in type(of).model_fields.items():
        value: object = getattr(of, name)
        path = f"{above}{name}"
        if isinstance(value, BaseModel):
            yield from _listed(value, f"{path}.", origins)
        else:
            yield Setting(path, _shown(name, value), origins.get(path, "default"), declared.description or "")


def _shown(name: str, value: object) -> object:
    if isinstance(value, SecretStr):
        return "********"
    if name == "database_url":
        return make_url(str(value)).render_as_string(hide_password=True)
    return value.value if isinstance(value, StrEnum) else value
