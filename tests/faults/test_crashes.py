"""Killed between commit and answer: whoever asks again under the same key gets the first answer, for every act."""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from tests.databases import Files, apart, sqlite
from tests.faults.gateway import ROOT
from tests.faults.watch import Call, Kind, Verdict, Watch
from tests.resolvers.copies import FileScene, opened
from tests.resolvers.root_fields import ACTS, RootField
from tests.resolvers.scene import Template, make
from tests.resolvers.test_idempotency import SECRETS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("caged")
HEADER = 32
"""Bytes at the beginning of SQLite's log, which has a sync of its own; what follows are a transaction's pages."""


@dataclass
class Committing:
    """Kills who syncs the log after writing a transaction into it: it is committed, and nobody has been told."""

    written: bool = False

    def __call__(self, call: Call) -> Verdict:
        """Judge a call."""
        if not call.name.endswith("-wal"):
            return Verdict.DO
        if call.kind is Kind.WRITE and call.offset >= HEADER:
            self.written = True
        killed = call.kind is Kind.SYNC and self.written
        return Verdict.KILLED if killed else Verdict.DO


@dataclass
class Actors:
    """A caged program that starts a process for each act."""

    folder: Path
    judge: Committing
    ends: tuple[int, int]

    def act(self, **asked: Any) -> dict[str, Any]:
        """Have an act carried out; how its process ended."""
        self.judge.written = False
        os.write(self.ends[1], orjson.dumps(asked) + b"\n")
        said: dict[str, Any] = orjson.loads(self.line())
        return said

    def line(self) -> bytes:
        """The next line that is said."""
        said = b""
        while not said.endswith(b"\n"):
            said += os.read(self.ends[0], 65_536)
        return said


@pytest.fixture(scope="module")
def source(sqlite_files: Files, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of the finished scene."""
    file = tmp_path_factory.mktemp("scene") / "scene.db"
    sqlite_files.fresh(file)
    return file


@pytest.fixture(scope="module")
def template(source: Path) -> Template:
    """The finished scene."""
    return apart(make(sqlite(source)))


@pytest.fixture(scope="module")
def actors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Actors]:
    """The program, started once."""
    folder = tmp_path_factory.mktemp("crash")
    judge = Committing()
    watch = Watch(folder, judge, accounting=False)
    hear, say = os.pipe(), os.pipe()
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = (sys.executable, "-m", "tests.faults.actor")
    process = watch.open(command, env, hear[1], ROOT, stdin=say[0])
    os.close(hear[1])
    os.close(say[0])
    held = Actors(folder, judge, (hear[0], say[1]))
    assert held.line() == b"ready\n"
    yield held
    os.close(say[1])
    process.wait(20)
    watch.ended()
    os.close(hear[0])


@pytest.fixture
async def scene(actors: Actors, template: Template, source: Path) -> AsyncIterator[FileScene]:
    """A copy of the scene in the watched folder."""
    for each in actors.folder.iterdir():
        each.unlink()
    copied = opened(template, source, actors.folder / "scene.db")
    yield copied
    await copied.close()


@pytest.mark.parametrize("of", ACTS, ids=[each.name for each in ACTS])
async def test_killed_after_the_commit_it_answers_the_first_answer(
    of: RootField, scene: FileScene, actors: Actors
) -> None:
    variables = of.variables(scene.own)
    variables["input"]["idempotencyKey"] = "once"
    before = scene.digest()

    ended = actors.act(
        url=sqlite(scene.file),
        document=of.document,
        key=scene.world.places["main"].secret,
        variables=variables,
        seed=11,
    )

    assert ended == {"answer": "", "killed": signal.SIGKILL}
    assert scene.digest() != before
    again = (await scene.world.ask(of.document, **variables))[of.name]
    written = scene.digest()
    once_more = (await scene.world.ask(of.document, **variables))[of.name]
    assert (again["__typename"], again["replayed"]) == (of.payload, True)
    if of.name in SECRETS:
        assert (again[SECRETS[of.name]], again["secretShown"]) == (None, True)
    assert once_more == again
    assert scene.digest() == written
    assert sum(row["key"] == "once" for row in scene.table("idempotency")) == 1
