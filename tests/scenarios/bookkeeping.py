"""What a merchant's bookkeeping asks, and who is asked about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tests.scenarios import documents

if TYPE_CHECKING:
    from tests.scenarios.story import Story, Told

INVOICE: Final = """
fragment Bill on Invoice {
  id number status autoAdvance finalizesAt total { amount } tax { amount } balanceApplied { amount }
  credited { amount } remaining { amount } lines { id kind description net { amount } }
}
"""
REFUSED: Final = """
fragment Refused on UserError {
  code field
  ... on InvoiceItemBilled { invoiceId } ... on InvoiceNotDraft { invoiceStatus } ... on CurrencyMismatch { currency }
  ... on InvoiceNotFinal { invoiceStatus } ... on InvoiceCannotMove { invoiceStatus paid }
  ... on CreditTooLarge { left currency }
}
"""


def asking(name: str, payload: str, *, bill: bool = False) -> str:
    """Write an act that answers its payload or a refusal."""
    declared = f"mutation($input: {name[0].upper()}{name[1:]}Input!)"
    answered = f"answer: {name}(input: $input) {{ __typename {payload} ... Refused }}"
    return f"{REFUSED} {INVOICE if bill else ''} {declared} {{ {answered} }}"


ITEM: Final = asking("invoiceItemCreate", "... on InvoiceItemCreated { item { id net { amount } } }")
DELETE_ITEM: Final = asking("invoiceItemDelete", "... on InvoiceItemDeleted { id }")
BILL: Final = asking("invoiceCreate", "... on InvoiceCreated { invoice { ...Bill } }", bill=True)
FINALIZE: Final = asking("invoiceFinalize", "... on InvoiceFinalized { invoice { ...Bill } }", bill=True)
GRANT: Final = asking("creditGrant", "... on CreditGranted { entry { kind amount { amount } balance { amount } } }")
VOID: Final = asking("invoiceVoid", "... on InvoiceVoided { invoice { ...Bill } }", bill=True)
GIVE_UP: Final = asking(
    "invoiceMarkUncollectible", "... on InvoiceMarkedUncollectible { invoice { ...Bill } }", bill=True
)
NOTE: Final = asking(
    "creditNoteCreate",
    "... on CreditNoteCreated { invoice { ...Bill } creditNote { number total { amount } tax { amount }"
    " reduced { amount } toBalance { amount } outOfBand { amount } reason } }",
    bill=True,
)
IDS: Final = """
query($ref: CustomerRef!) { invoices(filter: {customer: $ref}, first: 100) { edges { node { id lines { id } } } } }
"""
KEPT: Final = """
query($ref: CustomerRef!, $first: Int!, $after: String) { customer(ref: $ref) {
  pendingItems(first: $first, after: $after) { edges { cursor node { kind description net { amount } } } }
} }
"""
ENTRIES: Final = """
query($ref: CustomerRef!, $first: Int!, $after: String) { customer(ref: $ref) {
  creditEntries(first: $first, after: $after) { edges { cursor node {
    kind amount { amount currency } balance { amount } note invoice { number }
  } } }
} }
"""


def dollars(amount: str) -> dict[str, str]:
    """Write an amount of dollars as it is asked for."""
    return {"amount": amount, "currency": "USD"}


async def known(story: Story, external_id: str) -> dict[str, str]:
    """Make a customer who has nothing, and name it."""
    await story.world.ask(documents.UPSERT, input={"externalId": external_id})
    return {"externalId": external_id}


async def item(story: Story, external_id: str, amount: str, description: str = "Training", **more: Any) -> str:
    """Let an item wait, and answer its id."""
    asked = {"customer": {"externalId": external_id}, "amount": dollars(amount), "description": description, **more}
    made = await story.world.ask(ITEM, input=asked)
    found: str = made["answer"]["item"]["id"]
    return found


async def pending(story: Story, external_id: str) -> list[tuple[str, str]]:
    """Tell what waits, page by page of two."""
    found = await _pages(story, KEPT, "pendingItems", external_id)
    return [(each.get("description") or each["kind"], each["net"]["amount"]) for each in found]


async def entries(story: Story, external_id: str) -> list[tuple[str, str, str]]:
    """Tell what moved the credit, oldest first: why, by how much, to what."""
    found = await _pages(story, ENTRIES, "creditEntries", external_id)
    return [(each["kind"], each["amount"]["amount"], each["balance"]["amount"]) for each in reversed(found)]


async def invoice_ids(story: Story, external_id: str) -> list[tuple[str, list[str]]]:
    """The ids of every invoice and of its lines, oldest first."""
    found = (await story.world.ask(IDS, ref={"externalId": external_id}))["invoices"]["edges"]
    return [(each["node"]["id"], [line["id"] for line in each["node"]["lines"]]) for each in reversed(found)]


async def noted(story: Story, **asked: Any) -> tuple[str, ...]:
    """Make a credit note: its total, its tax, what it lowered, to the balance, otherwise."""
    note = (await story.act(NOTE, **{"to": "BALANCE", **asked}))["creditNote"]
    return tuple(note[name]["amount"] for name in ("total", "tax", "reduced", "toBalance", "outOfBand"))


async def _pages(story: Story, document: str, name: str, external_id: str) -> list[Told]:
    told: list[Told] = []
    cursor: str | None = None
    while True:
        asked: dict[str, Any] = {"ref": {"externalId": external_id}, "first": 2, "after": cursor}
        edges = (await story.world.ask(document, **asked))["customer"][name]["edges"]
        if not edges:
            return told
        told += [each["node"] for each in edges]
        cursor = edges[-1]["cursor"]
