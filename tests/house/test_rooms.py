"""The rooms are what the packaging, the linters and the table of imports say."""

from __future__ import annotations

import sys
from importlib.metadata import packages_distributions
from importlib.util import find_spec

import pytest

from tests.house.repository import PROJECT, ROOMS, ROOT, imports, named, sources, tracked, tree, where

STANDARD = frozenset(sys.stdlib_module_names)
INPUT_AND_OUTPUT = frozenset({
    "asyncio", "http", "io", "logging", "multiprocessing", "os", "pathlib", "random", "secrets", "select", "shutil",
    "signal", "socket", "sqlite3", "ssl", "subprocess", "tempfile", "threading", "time", "urllib",
})  # fmt: skip
SQL = frozenset({"sqlmodel", "sqlalchemy", "alembic", "aiosqlite", "asyncpg", "orjson"})
BELOW = {
    "plangate": frozenset(ROOMS),
    "schema": frozenset({"schema", "resolvers", "models", "billing", "widgets_config"}),
    "resolvers": frozenset({"resolvers", "models", "billing", "widgets_config"}),
    "models": frozenset({"models", "billing"}),
    "billing": frozenset({"billing"}),
    "widgets_config": frozenset({"widgets_config"}),
}
LIBRARIES = {
    "schema": {"strawberry"},
    "models": SQL,
    "billing": set[str](),
    "widgets_config": {"pydantic", "pydantic_core", "babel"},
}
UNKNOWN_TO_RESOLVERS = frozenset({"strawberry", "graphql", "starlette", "uvicorn", "stripe", "jinja2"})
SESSIONS = ("models.session", "models.tables", "models.stores", "models.migrations")
SHAPELESS = frozenset({"utils", "util", "helpers", "helper", "manager", "process", "data", "common", "misc"})
CODE = frozenset({".py", ".ts", ".js", ".css", ".html", ".jinja", ".sh"})
WRITTEN_BY_PROGRAMS = ("models/migrations/versions/", "widgets_config/static/")
ONE_SITTING = 400
README_LINES = 40


def test_folders_build_list_linters_and_contracts_name_the_same_rooms() -> None:
    tools = PROJECT["tool"]
    packages = {
        named(file).split("/")[0] for file in tracked() if named(file).count("/") == 1 and file.stem == "__init__"
    }

    assert packages == set(ROOMS)
    assert tools["uv"]["build-backend"]["module-name"] == list(ROOMS)
    assert tools["importlinter"]["root_packages"] == list(ROOMS)
    assert tools["mypy"]["files"][: len(ROOMS)] == list(ROOMS)
    assert tools["pyright"]["include"][: len(ROOMS)] == list(ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_no_dependency_brings_a_package_with_the_name_of_a_room(room: str) -> None:
    found = find_spec(room)

    assert set(packages_distributions().get(room, [])) <= {"plangate"}
    assert found is not None
    assert found.origin == str(ROOT / room / "__init__.py")


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_what_its_row_of_the_table_allows(room: str) -> None:
    strangers: list[str] = []
    for file in sources(room):
        for node, name in imports(tree(file)):
            top = name.split(".")[0]
            ours = top in BELOW[room] or (top not in ROOMS and top in STANDARD)
            library = top not in ROOMS and top in LIBRARIES.get(room, {top})
            if not (ours or library) or (room == "resolvers" and top in UNKNOWN_TO_RESOLVERS):
                strangers.append(f"{where(file, node)} imports {name}")

    assert strangers == []


def test_the_engine_imports_nothing_that_reads_or_writes_the_world() -> None:
    worldly = [
        f"{where(file, node)} imports {name}"
        for file in sources("billing")
        for node, name in imports(tree(file))
        if name.split(".")[0] in INPUT_AND_OUTPUT
    ]

    assert worldly == []


def test_what_is_promised_knows_values_and_no_sessions() -> None:
    known = [
        f"{where(file, node)} imports {name}"
        for file in sources("schema")
        for node, name in imports(tree(file))
        if name.startswith(SESSIONS)
    ]

    assert known == []


@pytest.mark.parametrize("room", [*ROOMS, "tests"])
def test_a_room_says_on_one_screen_what_it_means(room: str) -> None:
    lines = (ROOT / room / "README.md").read_text().splitlines()

    assert 0 < len(lines) <= README_LINES


def test_a_file_is_read_in_one_sitting() -> None:
    long = [
        named(file)
        for file in tracked()
        if file.suffix in CODE
        and not named(file).startswith(WRITTEN_BY_PROGRAMS)
        and len(file.read_text().splitlines()) > ONE_SITTING
    ]

    assert long == []


def test_a_file_is_called_after_something() -> None:
    shapeless = [named(file) for file in sources(*ROOMS) if SHAPELESS & {*file.relative_to(ROOT).with_suffix("").parts}]

    assert shapeless == []
