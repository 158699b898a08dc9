"""An invoice is behind its link for whoever has it: a page and a file, until the link ends or is taken back. (S8)"""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from pypdf import PdfReader

from models.tables.base import table
from models.tables.environment import EnvironmentRow
from models.tables.invoice import InvoiceRow
from tests.plangate.paper.counter import BUYER, SITE, Counter
from tests.plangate.portal.reading import Element, read

if TYPE_CHECKING:
    from models.session import Database

REVOKE = """mutation($ref: CustomerRef!) { customerTokenRevoke(input: {customer: $ref}) { __typename
  ... on UserError { message } } }"""
GONE = "This invoice cannot be shown"


@pytest.fixture
async def counter(database: Database) -> Counter:
    return await Counter.begin(database)


def facts(page: Element, kind: str) -> dict[str, str]:
    """The terms of a list and what stands beside them."""
    listed = next(each for each in page.all("dl") if each.attributes.get("class") == kind)
    return {row.all("dt")[0].text: row.all("dd")[0].text for row in listed.all("div")}


async def test_the_page_shows_the_invoice_in_the_customers_language(counter: Counter) -> None:
    answer = await counter.get(await counter.link())
    page = read(answer.text)

    assert answer.status_code == 200
    assert page.all("html")[0].attributes["lang"] == "de"
    assert page.all("h1")[0].text == "Rechnung INV-000001"
    assert facts(page, "invoice-facts") == {
        "Rechnungsnummer": "INV-000001",
        "Rechnungsdatum": "1. Januar 2024",
        "Zahlbar bis": "31. Januar 2024",
    }
    sides = [[each.text for each in side.all("p")] for side in page.all("section")]
    assert sides == [
        ["Nordwind GmbH", "Hafenstraße 1", "Deutschland", "Steuernummer: DE123456789"],
        ["Acme AG", "Hauptstraße 5", "50667 Köln", "Deutschland", "Steuernummer: DE987654321"],
    ]
    assert [[cell.text for cell in row.all("th", "td")] for row in page.all("tr")[1:]] == [
        ["Team 1. Jan. – 1. Feb. 2024", "5", "18,50 €"],  # noqa: RUF001
    ]
    assert facts(page, "sums") == {
        "Zwischensumme": "18,50 €",
        "USt 19 % auf 18,50 €": "3,52 €",
        "Gesamtbetrag": "22,02 €",
        "Offener Betrag": "22,02 €",
    }


async def test_the_file_says_the_same_and_is_the_same_each_time(counter: Counter) -> None:
    url = (await counter.invoice())["pdfUrl"]
    first, second = [await counter.get(url.removeprefix(SITE)) for _ in range(2)]
    printed = PdfReader(BytesIO(first.content)).pages[0].extract_text()

    assert (first.status_code, first.headers["content-type"]) == (200, "application/pdf")
    assert first.headers["content-disposition"] == 'attachment; filename="INV-000001.pdf"'
    assert all(words in " ".join(printed.split()) for words in ("Rechnung", "INV-000001", "Acme AG", "22,02 €"))
    assert first.content == second.content


async def test_neither_is_kept_followed_or_found(counter: Counter) -> None:
    link = await counter.link()
    for answer in [await counter.get(path) for path in (link, f"{link}.pdf", f"{link}x")]:
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-robots-tag"] == "noindex, nofollow"
        assert answer.headers["cache-control"] == "no-store"
        assert "set-cookie" not in answer.headers


async def test_a_later_change_of_seller_or_buyer_changes_nothing_on_it(counter: Counter) -> None:
    link = await counter.link()
    before = await counter.get(f"{link}.pdf")
    renamed: dict[str, Any] = {"externalId": "acme", "name": "Bolt SE", "address": {"line1": "Elsewhere"}, "taxIds": []}
    await counter.world.ask(BUYER, input=renamed)
    async with counter.world.database.working() as session:
        await session.execute(table(EnvironmentRow).update().values(billing={"seller": {"name": "Südwind"}}))

    assert (await counter.get(f"{link}.pdf")).content == before.content


async def test_an_erased_buyer_is_gone_from_it_and_its_sums_stay(counter: Counter) -> None:
    async with counter.world.database.working() as session:
        await session.execute(table(InvoiceRow).update().values(buyer={}))

    page = read((await counter.get(await counter.link())).text)
    assert ("Acme" in page.text, facts(page, "sums")["Gesamtbetrag"]) == (False, "22,02 €")


async def test_a_link_ends_after_its_days(counter: Counter) -> None:
    link = await counter.link()
    days = counter.world.contexts.settings.invoice_link_days
    counter.world.clock.move(timedelta(days=days) - timedelta(microseconds=1))
    last = await counter.get(link)
    counter.world.clock.move(timedelta(microseconds=1))

    assert (last.status_code, (await counter.get(link)).status_code) == (200, 404)
    assert (await counter.get(f"{link}.pdf")).status_code == 404


async def test_a_link_ends_when_all_access_is_taken_back_and_a_new_one_opens(counter: Counter) -> None:
    old = await counter.link()
    counter.world.clock.move(timedelta(seconds=1))
    await counter.world.ask(REVOKE, ref={"externalId": "acme"})
    counter.world.clock.move(timedelta(seconds=1))

    assert (await counter.get(old)).status_code == 404
    assert (await counter.get(await counter.link())).status_code == 200


async def test_what_is_no_link_of_ours_leads_nowhere_in_the_same_words(counter: Counter) -> None:
    link = await counter.link()
    unknown = counter.world.contexts.links.make("inv_" + "0" * 26, counter.world.clock.now())
    wrong = [f"{link[:-1]}{'a' if link[-1] != 'a' else 'b'}", f"/invoices/{unknown}", "/invoices/x", f"{link}%00"]

    answers = [await counter.get(path) for path in wrong]
    assert {(answer.status_code, read(answer.text).all("h1")[0].text) for answer in answers} == {(404, GONE)}
    assert len({answer.text for answer in answers}) == 1


async def test_a_draft_has_no_link_and_shows_nothing_behind_one(counter: Counter) -> None:
    invoice = await counter.invoice()
    link = await counter.link()
    async with counter.world.database.working() as session:
        await session.execute(table(InvoiceRow).update().values(number=None, status="DRAFT"))
    draft = await counter.invoice()

    assert (draft["id"], draft["hostedUrl"], draft["pdfUrl"]) == (invoice["id"], None, None)
    assert (await counter.get(link)).status_code == 404


async def test_looking_at_it_is_no_act(counter: Counter) -> None:
    link = await counter.link()

    assert (await counter.get(link, "HEAD")).status_code == 200
    assert (await counter.get(link, "POST")).status_code == 405
