"""The demo makes a world once, keeps it, and serves it until it is told to end."""

from __future__ import annotations

import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import httpx2
import orjson
import pytest

from plangate.contexts import Contexts
from plangate.demo.home import DemoHome
from plangate.demo.world import ready_world
from plangate.problems import UserProblem
from plangate.settings import Settings
from resolvers.api_key_revoke import ApiKeyRevoke, revoke_key
from resolvers.keys import api_keys
from resolvers.principal import Principal, PrincipalKind
from tests.house.repository import ROOT
from tests.plangate.opening import SECRET

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from models.session import Database

STATES = """{ subscriptions(first: 50) { edges { node { customer { externalId } plan { key } state } } } }"""


@pytest.fixture
def contexts(sqlite_database: Database) -> Contexts:
    return Contexts.real(sqlite_database, Settings(database_url=sqlite_database.url, secret=SECRET))


async def test_a_second_run_finds_the_same_world_and_a_cut_short_one_is_taken_up(contexts: Contexts) -> None:
    told: list[str] = []
    first = await ready_world(contexts, None, told.append)
    facts = orjson.loads(orjson.dumps(first.facts("http://localhost:1")))

    again = await ready_world(contexts, facts, told.append)
    resumed = await ready_world(contexts, None, lambda _: None)

    assert (again.facts("http://localhost:1"), len(told)) == (facts, 9)
    assert resumed.customers == first.customers
    assert resumed.keys != first.keys


async def test_a_revoked_key_is_replaced_and_the_other_kept(contexts: Contexts) -> None:
    first = await ready_world(contexts, None, lambda _: None)
    ctx = contexts.make(Principal(PrincipalKind.SECRET, frozenset({"*"})), first.environment)
    await revoke_key(ctx, ApiKeyRevoke((await api_keys(ctx))[0].id))

    again = await ready_world(contexts, first.facts(""), lambda _: None)

    assert again.keys["secret"] != first.keys["secret"]
    assert again.keys["publishable"] == first.keys["publishable"]


def test_the_folder_and_its_files_are_their_owners_alone(tmp_path: Path) -> None:
    home = DemoHome(tmp_path / "var")
    home.make()
    secret = home.own_secret()
    home.write_facts({"url": "x"})

    assert (home.own_secret(), home.read_facts()) == (secret, {"url": "x"})
    assert len(secret) == 64
    modes = {file.name: file.stat().st_mode & 0o777 for file in (home.folder, home.secret, home.facts)}
    assert modes == {"var": 0o700, "secret": 0o600, "demo.json": 0o600}
    home.facts.write_text("[")
    assert home.read_facts() is None


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("")

    with pytest.raises(UserProblem, match=r"The demo needs the folder .*var: file exists"):
        DemoHome(tmp_path / "var").make()


class Running:
    """`plangate demo` in a process of its own."""

    def __init__(self, folder: Path, port: int) -> None:
        unset = ("PLANGATE_SECRET", "PLANGATE_DATABASE_URL", "PLANGATE_CONFIG")
        environment = {name: value for name, value in os.environ.items() if name not in unset}
        environment |= {"PYTHONPATH": str(ROOT), "PLANGATE_PORT": str(port)}
        command = [sys.executable, "-W", "error", "-m", "plangate", "demo"]
        self.process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def until(self, words: str, seconds: float = 30) -> str:
        """Read its standard output until it has said these words."""
        assert self.process.stdout is not None
        end, said = time.monotonic() + seconds, ""
        with selectors.DefaultSelector() as ready:
            ready.register(self.process.stdout, selectors.EVENT_READ)
            while words not in said and ready.select(max(0.0, end - time.monotonic())):
                piece = os.read(self.process.stdout.fileno(), 65_536).decode()
                if not piece:
                    break
                said += piece
        assert words in said, (said, self.ended())
        return said

    def ended(self, number: int = signal.SIGTERM) -> tuple[int, str, str]:
        """Tell it to end and give its exit code and what else it said; ten seconds have to do."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=10)
        return self.process.returncode, out, err


@pytest.fixture
def demos() -> Iterator[list[Running]]:
    """Demos that a test starts; none outlives it."""
    started: list[Running] = []
    yield started
    for each in started:
        if each.process.poll() is None:
            each.process.kill()
            each.process.communicate()


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def asked(facts: dict[str, Any], query: str) -> Any:
    headers = {"Authorization": f"Bearer {facts['keys']['secret']}"}
    answer = httpx2.post(facts["graphql"], json={"query": query}, headers=headers)
    assert "errors" not in answer.json(), answer.text
    return answer.json()["data"]


def test_the_demo_serves_its_world_ends_at_once_and_goes_on_from_there(tmp_path: Path, demos: list[Running]) -> None:
    port = free_port()
    demos.append(Running(tmp_path, port))
    said = demos[0].until("Ctrl-C ends it")
    facts = orjson.loads((tmp_path / "var" / "demo.json").read_bytes())

    assert facts["url"] == f"http://127.0.0.1:{port}"
    assert httpx2.get(f"{facts['url']}/readyz").json() == {"status": "ok"}
    assert {facts["url"] in said, facts["keys"]["secret"] in said, facts["keys"]["publishable"] in said} == {True}
    states = {
        (node["customer"]["externalId"], node["plan"]["key"], node["state"])
        for node in (edge["node"] for edge in asked(facts, STATES)["subscriptions"]["edges"])
    }
    assert states == {
        ("birch", "enterprise", "ACTIVE"),
        ("fern", "free", "ACTIVE"),
        ("alder", "enterprise", "TRIALING"),
        ("maple", "enterprise", "ACTIVE"),
        ("willow", "team", "PENDING_CANCELLATION"),
        ("hazel", "team", "CANCELED"),
        ("rowan", "team", "NOT_STARTED"),
        ("linden", "team", "ACTIVE"),
        ("linden", "enterprise", "ACTIVE"),
    }
    public = httpx2.post(facts["graphql"], json={"query": "{ plans { key } }"}).json()
    assert {"key": "team"} in public["data"]["plans"]

    second = Running(tmp_path, port)
    demos.append(second)
    _, err = second.process.communicate(timeout=30)
    assert (second.process.returncode, err.splitlines()[-1]) == (
        2,
        f"Port {port} on 127.0.0.1 is taken: choose another with PLANGATE_PORT.",
    )

    code, _, err = demos[0].ended()
    assert (code, "Traceback" in err) == (0, False)

    demos.append(Running(tmp_path, 0))
    said = demos[2].until("Ctrl-C ends it")
    later = orjson.loads((tmp_path / "var" / "demo.json").read_bytes())
    assert (later["keys"], later["customers"]) == (facts["keys"], facts["customers"])
    assert asked(later, "{ viewer { kind } }") == {"viewer": {"kind": "SECRET"}}
    assert demos[2].ended(signal.SIGINT)[0] == 0
