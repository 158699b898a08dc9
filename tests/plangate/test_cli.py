"""At the command line a result is for people or in JSON, and a mistake is one clear line with the code 2."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from billing.books import Booked
from billing.events import EVENT_TYPES, events_schema
from billing.invoicing.policy import BillingPolicy
from billing.invoicing.settings import policy_written
from models.migrations import HEAD
from models.rows import add
from models.session import Database
from models.tables.books import BookingRow
from models.tables.customer import CustomerRow
from plangate.cli import main
from plangate.cli.journal import COLUMNS
from schema.build import printed
from tests.databases import apart, sqlite
from tests.plangate.opening import SECRET, quiet_again
from tests.world import CATALOG

if TYPE_CHECKING:
    from pathlib import Path

    from tests.databases import Files

quiet = pytest.fixture(autouse=True)(quiet_again)
FINE, MISTAKE = 0, 2


@dataclass(slots=True)
class Terminal:
    """Somebody at a terminal, in an empty folder."""

    folder: Path
    monkeypatch: pytest.MonkeyPatch
    captured: pytest.CaptureFixture[str]

    def type(self, *words: str) -> tuple[int, str, str]:
        """Type a command and give its exit code, its result, and what else it said."""
        self.monkeypatch.setattr(sys, "argv", ["plangate", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        said = self.captured.readouterr()
        code = ended.value.code
        assert isinstance(code, int)
        assert "Traceback" not in said.err
        return code, said.out, said.err

    def json(self, *words: str) -> Any:
        """Type a command that succeeds and read its JSON."""
        code, out, err = self.type(*words, "--json")
        assert (code, err) == (FINE, "")
        return orjson.loads(out)

    def mistake(self, *words: str) -> str:
        """Type a command that is wrong and give the line that says so."""
        code, out, err = self.type(*words)
        assert (code, out) == (MISTAKE, "")
        return err.strip()


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PLANGATE_SECRET", SECRET.get_secret_value())
    return Terminal(tmp_path, monkeypatch, capsys)


@pytest.fixture
def shop(terminal: Terminal, sqlite_files: Files) -> Terminal:
    """A terminal with a migrated database and the environment `shop` on a test clock."""
    (terminal.folder / "var").mkdir()
    sqlite_files.fresh(terminal.folder / "var" / "plangate.db")
    terminal.json("environment", "create", "shop", "--kind", "test", "--test-clock")
    return terminal


def test_migrating_twice_changes_nothing_and_the_files_are_closed_to_others(terminal: Terminal) -> None:
    assert terminal.json("migrate") == {"before": None, "now": HEAD}
    assert terminal.json("migrate") == {"before": HEAD, "now": HEAD}

    var = terminal.folder / "var"
    assert (var.stat().st_mode & 0o777, (var / "plangate.db").stat().st_mode & 0o777) == (0o700, 0o600)


def test_environments_are_made_once_and_listed(shop: Terminal) -> None:
    made = shop.json("environment", "create", "live-1", "--kind", "LIVE", "--name", "Shop", "--zone", "Europe/Berlin")

    listed = shop.json("environment", "list")
    assert [each["key"] for each in listed] == ["shop", "live-1"]
    assert listed[1] == {**made, "testClockAt": None, "zone": "Europe/Berlin", "kind": "LIVE", "name": "Shop"}
    assert shop.mistake("environment", "create", "shop", "--kind", "test") == (
        "There is an environment shop already. (key)"
    )
    assert shop.mistake("environment", "create", "x", "--kind", "live", "--zone", "Mars/Olympus") == (
        "Give a time zone by name, such as Europe/Berlin. (zone)"
    )
    assert shop.mistake("environment", "create", "x", "--kind", "live", "--test-clock") == (
        "Only a TEST environment can run on a test clock. (testClockAt)"
    )
    assert "A key has 1 to 50" in shop.mistake("environment", "create", "No Key", "--kind", "live")


def test_what_is_set_of_an_environment_is_shown_and_the_rest_stays(shop: Terminal) -> None:
    (shop.folder / "look.yaml").write_text("theme: {mode: DARK}\nsupport: {email: help@shop.example}\n")
    shipped = shop.json("environment", "show", "shop")
    words = ["--no-allow-cancel", "--mode", "immediate", "--instructions", "Write to us.", "--require-actor"]
    urls = ["--return-url", "https://shop.example", "--return-url", "http://localhost:3000/account"]
    more = ["--widgets", "look.yaml", "--idempotency-days", "90", "--name", "Shop", "--zone", "Europe/Berlin"]
    first = shop.json("environment", "set", "shop", *words, *urls, *more)
    second = shop.json("environment", "set", "shop", "--allow-cancel", "--no-return-urls", "--instructions", "")

    assert shipped == {
        **{name: shipped[name] for name in ("id", "testClockAt")},
        "key": "shop",
        "kind": "TEST",
        "name": "shop",
        "zone": "UTC",
        "locale": "en",
        "allowCancel": True,
        "allowChange": True,
        "allowInstalmentCancel": False,
        "mode": "END_OF_PERIOD",
        "instructions": None,
        "returnUrls": [],
        "widgets": {},
        "requireActor": False,
        "idempotencyDays": 30,
        "billing": policy_written(BillingPolicy()),
    }
    assert first == {
        **shipped,
        "allowCancel": False,
        "mode": "IMMEDIATE",
        "instructions": "Write to us.",
        "requireActor": True,
        "returnUrls": ["https://shop.example", "http://localhost:3000/account"],
        "idempotencyDays": 90,
        "widgets": {"theme": {"mode": "DARK"}, "support": {"email": "help@shop.example"}},
        "name": "Shop",
        "zone": "Europe/Berlin",
    }
    assert second == {**first, "allowCancel": True, "instructions": None, "returnUrls": []}
    assert shop.json("environment", "show", "shop") == second
    code, out, _ = shop.type("environment", "show", "shop")
    assert (code, '"theme":{"mode":"DARK"}' in out) == (FINE, True)


def test_what_cannot_be_set_of_an_environment_is_said(shop: Terminal) -> None:
    files = {"list.yaml": "- theme", "torn.json": "{", "torn.yaml": "a: [", "deep.yaml": "[" * 9000}
    for name, text in files.items():
        (shop.folder / name).write_text(text)

    def mistake(*words: str) -> str:
        return shop.mistake("environment", "set", "shop", *words)

    assert mistake() == "Say what to set."
    assert mistake("--no-return-urls", "--return-url", "https://a.example") == (
        "Say either --return-url or --no-return-urls."
    )
    assert mistake("--widgets", "gone.yaml") == "gone.yaml cannot be read: no such file or directory."
    assert mistake("--widgets", "list.yaml") == "list.yaml is not a map of settings."
    assert mistake("--widgets", "torn.json") == "torn.json is no well-formed JSON."
    assert mistake("--widgets", "torn.yaml") == "torn.yaml is no well-formed YAML."
    assert mistake("--widgets", "deep.yaml") == "deep.yaml is no well-formed YAML."
    assert mistake("--idempotency-days", "29") == "Give 30 to 3650 days. (idempotencyDays)"
    assert shop.mistake("environment", "show", "shpo").startswith("There is no environment shpo:")


def test_how_an_environment_bills_is_set_from_a_file(shop: Terminal) -> None:
    (shop.folder / "bills.yaml").write_text(
        "seller: {name: Nordwind GmbH, country: NO}\n"
        "days_until_due: 14\ntaxes:\n- {name: MVA, rate: 7.7, country: NO}\n"
    )
    (shop.folder / "none.json").write_text("{}")
    shipped = policy_written(BillingPolicy())

    changed = shop.json("environment", "set", "shop", "--billing", "bills.yaml")["billing"]
    kept = shop.json("environment", "set", "shop", "--name", "Shop")["billing"]
    again = shop.json("environment", "set", "shop", "--billing", "none.json")["billing"]

    tax = {"name": "MVA", "rate": "7.7", "country": "NO", "inclusive": False}
    seller: dict[str, object] = {"name": "Nordwind GmbH", "address": [], "country": "NO"}
    assert changed == {**shipped, "seller": seller, "days_until_due": 14, "taxes": [tax]}
    assert (kept, again) == (changed, shipped)


def test_what_is_wrong_with_a_billing_file_is_said_by_line_and_nothing_is_set(shop: Terminal) -> None:
    files = {
        "bad.yaml": "taxes:\n- rate: 7.7\n- {rate: 1e2, name: T}\ndunning:\n  retry_days:\n  - 3\n  - 61\ntax: me\n",
        "list.yaml": "- seller",
        "torn.json": '{"taxes": [',
        "empty.yaml": "",
        "twice.yaml": "number_prefix: A-\nnumber_prefix: B-",
    }
    for name, text in files.items():
        (shop.folder / name).write_text(text)
    before = shop.json("environment", "show", "shop")

    said = {name: shop.mistake("environment", "set", "shop", "--billing", name).splitlines() for name in files}
    gone = shop.mistake("environment", "set", "shop", "--billing", "gone.yaml")

    assert said["bad.yaml"] == [
        "bad.yaml:3: A rate is a percentage of at most 4 decimals, such as 19 or 7.7.",
        "bad.yaml:3: This is never reached: Tax comes first.",
        "bad.yaml:7: A whole number from 1 to 60 is expected here.",
        'bad.yaml:8: "tax" is not known here. Did you mean "taxes"?',
    ]
    assert said["list.yaml"] == ["list.yaml:1: A billing policy is a map: begin with `days_until_due: 30`."]
    assert said["empty.yaml"] == ["empty.yaml:1: The file is empty: begin with `days_until_due: 30`."]
    assert said["twice.yaml"] == ['twice.yaml:2: "number_prefix" stands twice here, first in line 1: keep one.']
    assert said["torn.json"][0].startswith("torn.json:1: ")
    assert gone == "gone.yaml cannot be read: no such file or directory."
    assert shop.json("environment", "show", "shop") == before


def test_a_key_is_shown_once_listed_and_revoked(shop: Terminal) -> None:
    secret = shop.json("keys", "create", "-e", "shop", "--name", "ci", "--scope", "usage:write")
    publishable = shop.json("keys", "create", "-e", "shop", "--kind", "publishable")

    assert secret.pop("secret").startswith("sk_test_")
    assert publishable.pop("secret").startswith("pk_test_")
    assert (secret["scopes"], publishable["scopes"]) == (["usage:write"], [])
    assert shop.json("keys", "list", "-e", "shop") == [secret, publishable]
    revoked = shop.json("keys", "revoke", secret["id"], "-e", "shop")
    assert revoked == {**secret, "revokedAt": revoked["revokedAt"]}
    assert revoked["revokedAt"] is not None
    assert shop.mistake("keys", "revoke", "key_nope", "-e", "shop") == "There is no such ApiKey here. (id)"
    assert shop.mistake("keys", "create", "-e", "shop", "--scope", "root").startswith("Choose scopes among *, catalog")
    code, out, _ = shop.type("keys", "list", "-e", "shop")
    assert (code, secret["id"] in out, "usage:write" in out) == (FINE, True, True)


def test_a_catalog_is_applied_once_and_refused_by_line(shop: Terminal) -> None:
    first = shop.json("catalog", "apply", str(CATALOG), "-e", "shop")
    second = shop.json("catalog", "apply", str(CATALOG), "-e", "shop")
    wrong = shop.folder / "wrong.yaml"
    wrong.write_text("catalog: 1\nplans:\n  free:\n    name: Free\n    kind: fre\n")

    assert {"kind": "ADDED", "section": "PLANS", "key": "free", "version": 1} in first["changes"]
    assert (len(first["changes"]), first["unchanged"]) == (30, 0)
    assert second == {"changes": [], "unchanged": 30, "replayed": False}
    lines = shop.mistake("catalog", "apply", str(wrong), "-e", "shop").splitlines()
    assert lines[0].startswith("wrong.yaml has ")
    assert any(line.startswith("wrong.yaml:5: ") for line in lines)
    assert "cannot be read" in shop.mistake("catalog", "apply", "missing.yaml", "-e", "shop")
    assert shop.type("catalog", "apply", str(CATALOG), "-e", "shop")[1] == (
        "Nothing changed  the catalog is what the file says\n"
    )


def test_a_catalog_is_planned_applied_as_planned_and_pulled(shop: Terminal) -> None:
    shop.json("catalog", "apply", str(CATALOG), "-e", "shop")
    code, text, _ = shop.type("catalog", "pull", "-e", "shop")
    file = shop.folder / "catalog.yaml"
    file.write_text(text)
    same = shop.type("catalog", "plan", "catalog.yaml", "-e", "shop", "--exit-code")
    file.write_text(text.replace("name: Team\n", "name: Crew\n", 1))

    changed, said, _ = shop.type("catalog", "plan", "catalog.yaml", "-e", "shop", "--exit-code")
    planned = shop.json("catalog", "plan", "catalog.yaml", "-e", "shop")

    assert (code, same[0], changed) == (FINE, FINE, 1)
    assert same[1].startswith("Nothing to change  the catalog is what the file says\nDigest  ")
    digest = planned["digest"]
    assert said == (
        f'~ plan team  "Crew"; becomes version 2\n    name  Team -> Crew\n1 changed, 29 unchanged\nDigest  {digest}\n'
    )
    assert planned["changes"][0]["fields"] == [
        {"change": {"path": ["name"], "before": "Team", "after": "Crew"}, "live": None}
    ]
    assert shop.type("catalog", "apply", "catalog.yaml", "-e", "shop", "--digest", digest)[:2] == (
        FINE,
        "~ plan team@2\n1 changed, 29 unchanged\n",
    )
    assert shop.mistake("catalog", "apply", "catalog.yaml", "-e", "shop", "--digest", digest) == (
        "The environment's catalog has changed since this plan was made: plan again. (digest)"
    )
    schema = orjson.loads(shop.type("catalog", "schema")[1])
    assert schema["properties"]["catalog"]["const"] == 1


def test_a_test_clock_is_shown_and_moved(shop: Terminal) -> None:
    before = shop.json("clock", "show", "-e", "shop")
    by = shop.json("clock", "advance", "--by", "2w", "-e", "shop")

    assert (before["testClock"], before["target"], by["running"]) == (True, None, False)
    assert by["now"] == by["target"] == shop.json("clock", "show", "-e", "shop")["now"] > before["now"]
    assert shop.mistake("clock", "advance", "-e", "shop") == "Say where to: --to 2027-01-31 or --by 40d."
    assert "is no step" in shop.mistake("clock", "advance", "--by", "soon", "-e", "shop")
    assert "is no instant" in shop.mistake("clock", "advance", "--to", "soon", "-e", "shop")
    assert shop.mistake("clock", "advance", "--to", "2001-01-01", "-e", "shop") == (
        "A test clock moves forward, at most two years a call. (to)"
    )


def test_a_token_is_for_a_customer_that_exists(shop: Terminal) -> None:
    assert shop.mistake("token", "create", "--customer", "acme", "-e", "shop") == (
        "There is no such Customer here. (customer)"
    )


def test_an_environment_has_to_be_named_and_to_exist(shop: Terminal) -> None:
    assert shop.mistake("keys", "list").startswith("Name the environment: --environment KEY.")
    assert shop.mistake("keys", "list", "-e", "shpo").startswith("There is no environment shpo:")


def test_a_database_without_a_schema_is_said(terminal: Terminal) -> None:
    for command in (["serve"], ["worker"], ["keys", "list", "-e", "x"], ["environment", "list"]):
        assert terminal.mistake(*command) == (
            f"The database has no schema yet and this program needs revision {HEAD}: run `plangate migrate`."
        )


def test_without_a_secret_nothing_that_needs_it_is_done(shop: Terminal) -> None:
    shop.monkeypatch.delenv("PLANGATE_SECRET")

    for command in (["serve"], ["keys", "list", "-e", "shop"]):
        assert shop.mistake(*command).startswith("PLANGATE_SECRET is not set")


def test_the_settings_are_shown_with_where_they_come_from(terminal: Terminal) -> None:
    (terminal.folder / "here.toml").write_text("port = 9000\n")

    shown = orjson.loads(terminal.type("--config", "here.toml", "config", "--json")[1])

    assert shown["port"] == {"value": 9000, "from": "here.toml"}
    assert shown["secret"] == {"value": "********", "from": "environment"}
    assert shown["limits.depth"]["from"] == "default"
    assert SECRET.get_secret_value() not in terminal.type("config")[1]
    assert terminal.mistake("--config", "gone.toml", "config") == "There is no settings file gone.toml."


def test_the_types_of_events_are_listed_and_printed_as_a_schema(terminal: Terminal) -> None:
    code, listed, said = terminal.type("events", "--json")

    assert (code, said) == (FINE, "")
    assert [each["type"] for each in orjson.loads(listed)] == list(EVENT_TYPES)
    assert orjson.loads(terminal.type("events", "--schema")[1]) == orjson.loads(orjson.dumps(events_schema()))


def test_a_month_of_the_journal_is_written_and_no_cell_of_it_is_a_formula(shop: Terminal) -> None:
    (environment,) = shop.json("environment", "list")
    at, owner = datetime(2024, 1, 31, 23, tzinfo=UTC), {"environment_id": environment["id"], "customer_id": "cus_1"}
    postings = [["BALANCE", -100], ["GRANTED", 100]]
    row = BookingRow(
        id="bkg_1", **owner, kind=Booked.BALANCE_ENTRY, document_id="cre_1", currency="USD", postings=postings, at=at
    )
    customer = CustomerRow(id="cus_1", environment_id=environment["id"], external_id="=1+1", created_at=at)

    async def write() -> None:
        database = Database(sqlite(shop.folder / "var" / "plangate.db"))
        async with database.working() as session:
            await add(session, customer)
            await add(session, row)
        await database.close()

    apart(write())
    cells = "bkg_1,2024-01-31T23:00:00Z,BALANCE_ENTRY,cre_1,,'=1+1,cus_1"

    assert shop.type("journal", "-e", "shop", "--month", "2024-01") == (
        FINE,
        f"{','.join(COLUMNS)}\n{cells},BALANCE,,1.00,USD,,\n{cells},GRANTED,1.00,,USD,,\n",
        "",
    )
    found = orjson.loads(shop.type("journal", "-e", "shop", "--month", "2024-01", "--format", "json")[1])
    assert [(each["customer"], each["debit"], each["credit"]) for each in found] == [
        ("=1+1", None, "1.00"),
        ("=1+1", "1.00", None),
    ]
    assert shop.type("journal", "-e", "shop", "--month", "2024-02") == (FINE, f"{','.join(COLUMNS)}\n", "")
    assert shop.type("journal", "-e", "shop", "--month", "2024-02", "--format", "json") == (FINE, "[]\n", "")
    assert shop.mistake("journal", "-e", "shop", "--month", "May") == "Name the month as YYYY-MM, like 2026-11. (month)"


def test_the_schema_is_printed_as_it_is(terminal: Terminal) -> None:
    assert terminal.type("schema") == (FINE, printed(), "")


def test_an_unknown_command_is_said_and_every_command_explains_itself(terminal: Terminal) -> None:
    assert "No such command 'nope'" in terminal.mistake("nope")
    code, out, _ = terminal.type("--help")
    assert code == FINE
    for command in ("demo", "serve", "worker", "migrate", "catalog", "keys", "token", "clock", "schema", "config"):
        assert f" {command} " in out
