"""What is asked, as GraphQL and as the body of a plain POST, and the requests as bytes that are ready to be sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from benchmarks.peers.price_list import METERED, SWITCHES, VALUES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from benchmarks.peers.estate import Estate

SHOWN = (*METERED[:8], SWITCHES[0], VALUES[0])
"""The ten features of a portal."""
CHECK = """query Check($customer: CustomerRef!, $feature: String!) {
  entitlement(customer: $customer, feature: $feature) { ... on Entitlement { hasAccess used limit } } }"""
PORTAL = """query Portal($customer: CustomerRef!, $features: [String!]) {
  customer(ref: $customer) { id externalId name }
  subscriptions(filter: {customer: $customer}, first: 2) { edges { node { id status plan { key name } } } }
  entitlements(customer: $customer, features: $features) { featureKey hasAccess used limit }
  invoices(filter: {customer: $customer}, first: 5) { edges { node { id number status } } } }"""
CATALOGUE = """query Catalogue {
  plans { key name prices { key currency } entitlements { granted feature { key } } } }"""


@dataclass(frozen=True, slots=True)
class Question:
    """One piece of work; `path` is where those who know no GraphQL take it."""

    letter: str
    name: str
    document: str
    path: str
    variables: tuple[str, ...]

    def asked(self, estate: Estate, number: int) -> dict[str, Any]:
        """What is asked the so-manieth time, by name."""
        given = {
            "customer": {"externalId": estate.customer(number)},
            "feature": METERED[number % len(METERED)],
            "features": SHOWN,
        }
        return {name: given[name] for name in self.variables}


A = Question("A", "check", CHECK, "/check", ("customer", "feature"))
B = Question("B", "portal", PORTAL, "/portal", ("customer", "features"))
C = Question("C", "catalogue", CATALOGUE, "/catalogue", ())
QUESTIONS: Mapping[str, Question] = {each.letter: each for each in (A, B, C)}


def over_graphql(question: Question, asked: Mapping[str, Any]) -> tuple[str, bytes]:
    """Give the path and the body for those who speak GraphQL."""
    return "/graphql", orjson.dumps({"query": question.document, "variables": asked})


def plainly(question: Question, asked: Mapping[str, Any]) -> tuple[str, bytes]:
    """Give the path and the body for those who do not."""
    return question.path, orjson.dumps(asked)


def request(path: str, body: bytes, key: str) -> bytes:
    """Write a request of HTTP/1.1."""
    head = f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nAuthorization: Bearer {key}\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
