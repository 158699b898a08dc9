"""A portal link is opened once, by its button, and by nobody else's form. (S8)"""

from __future__ import annotations

import asyncio
import re
import sqlite3
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from plangate.portal.pages import CONTENT_SECURITY_POLICY
from tests.plangate.portal.visiting import FORM, MONTHLY, SITE, Portal

if TYPE_CHECKING:
    from models.session import Database

OPEN = "Your billing portal"
USED = "This link has been used"
EXPIRED = "This link is no longer valid"
SIGNED_OUT = "You have been signed out"
REFUSED = "That was not possible"
UNKNOWN = f"/portal/open/plk_{'A' * 43}"


@pytest.fixture
async def link(portal: Portal) -> str:
    """A link of a customer with a plan."""
    await portal.world.subscribed("acme", "team", **MONTHLY)
    return await portal.link(customer={"externalId": "acme"})


async def test_looking_at_a_link_spends_nothing(portal: Portal, link: str) -> None:
    scanner = portal.browser()
    looked = [await scanner.client.head(link) for _ in range(3)]
    seen = [await scanner.get(link) for _ in range(3)]

    assert [each.status_code for each in looked] == [200] * 3
    assert [(each.status, each.title) for each in seen] == [(200, OPEN)] * 3
    assert len(scanner.client.cookies) == 0
    assert (await portal.browser().open(link)).path == "/portal"


async def test_the_button_leads_away_from_the_address_with_a_short_cookie(portal: Portal, link: str) -> None:
    browser = portal.browser()
    action, fields = (await browser.get(link)).form(link)

    answer = await browser.client.post(action, data=fields, headers=browser.headers)

    assert (answer.status_code, answer.headers["location"], answer.text) == (303, "/portal", "")
    cookie = answer.headers["set-cookie"]
    assert re.fullmatch(
        r"plangate_portal=pls_[0-9A-Za-z]{43}; HttpOnly; Max-Age=3600; Path=/portal; SameSite=lax", cookie
    )
    home = await browser.get("/portal")
    secret = link.rpartition("/")[2]
    assert secret not in home.response.text
    assert browser.client.cookies["plangate_portal"] not in home.response.text


async def test_over_https_the_cookie_is_secure(sqlite_database: Database) -> None:
    portal = await Portal.begin(sqlite_database, secure=True)
    await portal.world.subscribed("acme", "team", **MONTHLY)
    link = await portal.link(customer={"externalId": "acme"})
    browser = portal.browser("https://testserver")

    assert (await browser.open(link)).path == "/portal"
    (cookie,) = browser.client.cookies.jar
    assert (cookie.name, cookie.secure) == ("__Secure-plangate_portal", True)


async def test_a_second_time_it_says_that_it_was_used(portal: Portal, link: str) -> None:
    stale = await portal.browser().get(link)
    first = portal.browser()
    await first.open(link)

    again = [await first.send(stale, link), await portal.browser().send(stale, link), await portal.browser().get(link)]

    assert [(page.status, page.title) for page in again] == [(410, USED)] * 3


async def test_going_back_to_the_link_is_home_for_who_opened_it(portal: Portal, link: str) -> None:
    browser = portal.browser()
    await browser.open(link)

    assert (await browser.get(link)).path == "/portal"
    assert [(await browser.get("/portal")).status for _ in range(2)] == [200, 200]


async def test_of_two_who_press_at_once_exactly_one_gets_in(portal: Portal, link: str) -> None:
    action, fields = (await portal.browser().get(link)).form(link)
    browsers = [portal.browser() for _ in range(8)]

    answers = await asyncio.gather(*(each.client.post(action, data=fields) for each in browsers))

    assert sorted(answer.status_code for answer in answers) == [303] + [410] * 7
    assert sum("set-cookie" in answer.headers for answer in answers) == 1
    inside = [each for each in browsers if (await each.get("/portal")).status == 200]
    assert len(inside) == 1


async def test_expired_and_unknown_links_are_told_of_in_the_same_words(portal: Portal, link: str) -> None:
    stale = await portal.browser().get(link)
    portal.world.clock.move(timedelta(minutes=60))

    expired = await portal.browser().get(link)
    pressed = await portal.browser().send(stale, link)
    unknown = await portal.browser().get(UNKNOWN)
    strange = [await portal.browser().get(f"/portal/open/{secret}") for secret in ("x", "plk_%00", "sk_live_a", "é")]

    assert [(page.status, page.title) for page in (expired, pressed)] == [(410, EXPIRED)] * 2
    assert [(page.status, page.title) for page in (unknown, *strange)] == [(404, EXPIRED)] * 5
    assert {page.text for page in (expired, pressed, unknown, *strange)} == {expired.text}


async def test_the_visit_ends_by_the_real_clock_and_not_by_a_test_clock(portal: Portal, link: str) -> None:
    browser = portal.browser()
    await browser.open(link)

    await portal.world.advance(timedelta(days=40))
    after_a_test_month = await browser.get("/portal")
    portal.world.clock.move(timedelta(minutes=59, seconds=59))
    last_second = await browser.get("/portal")
    portal.world.clock.move(timedelta(seconds=1))
    over = await browser.get("/portal")

    assert (after_a_test_month.status, last_second.status) == (200, 200)
    assert (over.status, over.title) == (403, SIGNED_OUT)
    assert len(browser.client.cookies) == 0


async def test_without_a_visit_every_door_says_so(portal: Portal) -> None:
    browser = portal.browser()
    paths = ["/portal", "/portal/", "/portal/nowhere", f"/portal/subscriptions/sub_{'0' * 26}/cancel"]
    pages = [await browser.get(path) for path in paths]
    sent = await browser.post(f"/portal/subscriptions/sub_{'0' * 26}/cancel", {})

    assert [(page.status, page.title) for page in [*pages, sent]] == [(403, SIGNED_OUT)] * 5
    for value in ("", "pls_x", "pls_" + "A" * 43, "é"):
        cookie = {b"Cookie": f"plangate_portal={value}".encode()}
        strange = await browser.client.get("/portal", headers=cookie)
        assert strange.status_code == 403


async def test_leaving_ends_the_visit_in_every_browser(portal: Portal, link: str) -> None:
    browser, other = portal.browser(), portal.browser()
    home = await browser.open(link)
    other.client.cookies.update(browser.client.cookies)
    token = home.form("/leave")[1]["csrf_token"]

    without = await browser.post("/portal/leave", {"csrf_token": "guess"})
    left = await browser.post("/portal/leave", {"csrf_token": token})

    assert (without.status, without.title) == (403, REFUSED)
    assert (left.status, left.title, len(browser.client.cookies)) == (200, SIGNED_OUT, 0)
    assert (await other.get("/portal")).title == SIGNED_OUT


async def test_an_archived_customer_and_one_whose_access_was_taken_back_are_out(portal: Portal) -> None:
    await portal.customer("gone")
    await portal.customer("back")
    gone, _ = await portal.visit("gone")
    unopened = await portal.link(customer={"externalId": "gone"})
    back, _ = await portal.visit("back")
    taken = await portal.link(customer={"externalId": "back"})
    portal.world.clock.move(timedelta(seconds=1))
    for act in ("customerArchive", "customerTokenRevoke"):
        who = "gone" if act == "customerArchive" else "back"
        await portal.world.ask(
            f"mutation($input: {act[0].upper()}{act[1:]}Input!) {{ {act}(input: $input) {{ __typename }} }}",
            input={"customer": {"externalId": who}},
        )

    assert (await gone.get("/portal")).title == SIGNED_OUT
    assert (await back.get("/portal")).title == SIGNED_OUT
    assert (await portal.browser().get(unopened)).title == EXPIRED
    assert (await portal.browser().get(taken)).title == EXPIRED


async def test_only_digests_are_kept(portal: Portal, link: str) -> None:
    browser = portal.browser()
    await browser.open(link)
    secrets = [link.rpartition("/")[2], browser.client.cookies["plangate_portal"]]

    with sqlite3.connect(portal.world.database.url.removeprefix("sqlite+aiosqlite:///")) as kept:
        dump = "\n".join(kept.iterdump())
    kept.close()

    digests = [portal.world.contexts.secrets.digest(secret) for secret in secrets]
    assert [secret in dump for secret in secrets] == [False, False]
    assert [digest in dump for digest in digests] == [True, True]


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Origin": SITE, "Sec-Fetch-Site": "same-site"},
        {"Origin": "http://testserver:81"},
        {"Origin": "http://testserver.evil.example"},
        {"Origin": "javascript://testserver"},
        {"Origin": "http://[oops"},
        {"Origin": ""},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
async def test_another_site_cannot_press_the_button(portal: Portal, link: str, headers: dict[str, str]) -> None:
    browser = portal.browser()
    action, fields = (await browser.get(link)).form(link)

    answer = await browser.client.post(action, data=fields, headers=headers)

    assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)
    assert (await browser.get(link)).title == OPEN


@pytest.mark.parametrize("headers", [{}, {"Origin": SITE}, {"Origin": "https://testserver"}, {"Origin": "null"}])
async def test_our_own_page_can(portal: Portal, link: str, headers: dict[str, str]) -> None:
    browser = portal.browser()
    action, fields = (await browser.get(link)).form(link)

    assert (await browser.client.post(action, data=fields, headers=headers)).status_code == 303


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"", FORM, 403),
        (b"csrf_token=wrong", FORM, 403),
        (b"csrf_token=%C3%A9%00", FORM, 403),
        (b"csrf_token=%FF", FORM, 400),
        (b"csrf_token=\xff", FORM, 400),
        (b"csrf_token=a&csrf_token=b", FORM, 400),
        (b"&".join(b"a%d=1" % n for n in range(50)), FORM, 400),
        (b"a=" + b"x" * 16_384, FORM, 413),
        (b'{"csrf_token": "x"}', {"Content-Type": "application/json"}, 415),
        (b"csrf_token=x", {}, 415),
        (b"csrf_token=x", {**FORM, "Content-Encoding": "gzip"}, 415),
        (b"--x--", {"Content-Type": "multipart/form-data; boundary=x"}, 415),
    ],
)
async def test_what_is_no_form_of_ours_gets_a_page_and_spends_nothing(
    portal: Portal, link: str, body: bytes, headers: dict[str, str], status: int
) -> None:
    answer = await portal.browser().client.post(link, content=body, headers=headers)

    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert REFUSED in answer.text
    assert (await portal.browser().get(link)).title == OPEN


async def test_every_answer_guards_itself(portal: Portal, link: str) -> None:
    browser = portal.browser()
    link_page = await browser.get(link)
    opened = await browser.client.post(*link_page.form(link)[:1], data=link_page.form(link)[1])
    answers = [
        link_page.response,
        opened,
        (await browser.get("/portal")).response,
        (await browser.get("/portal/nowhere")).response,
        (await portal.browser().get("/portal")).response,
        (await portal.browser().get(UNKNOWN)).response,
    ]

    for answer in answers:
        assert {
            name: answer.headers[name]
            for name in ("content-security-policy", "referrer-policy", "cache-control", "x-content-type-options")
        } == {
            "content-security-policy": CONTENT_SECURITY_POLICY,
            "referrer-policy": "no-referrer",
            "cache-control": "no-store",
            "x-content-type-options": "nosniff",
        }


async def test_the_look_is_served_from_here_and_the_theme_is_the_environments(portal: Portal, link: str) -> None:
    browser = portal.browser()
    plain = await browser.get(link)
    await portal.environment(widgets={"theme": {"light": {"accent": "#123456"}}})
    themed = await browser.get(link)

    def looks(page: str) -> list[str]:
        return re.findall(r'<link rel="stylesheet" href="([^"]+)">', page)

    style, theme = (address.replace("&amp;", "&") for address in looks(themed.response.text))
    answers = [await browser.client.get(address) for address in (style, theme)]
    unknown = await browser.client.get(f"/portal/theme.css?environment=env_{'0' * 26}")

    assert looks(plain.response.text) == [style]
    assert [answer.headers["content-type"] for answer in answers] == ["text/css; charset=utf-8"] * 2
    assert "--pg-accent: light-dark(#123456, " in answers[1].text
    assert unknown.status_code == 404
    assert (await browser.client.get("/portal/theme.css")).status_code == 404
