"""The acts of a merchant's bookkeeping, for the table of root fields."""

from __future__ import annotations

from typing import Any

from tests.resolvers.root_field import act

FINANCE: dict[str, Any] = {"scope": "invoices:write"}
FEE = {"amount": {"amount": "12.30", "currency": "USD"}}

FINANCE_ACTS = (
    act(
        "invoiceItemCreate",
        "InvoiceItemCreated",
        "item { id description gross: amount { amount currency } } replayed",
        lambda h: {"customer": h.ref, "description": "Training", **FEE},
        **FINANCE,
    ),
    act("invoiceItemDelete", "InvoiceItemDeleted", "id replayed", lambda h: {"id": h.item}, **FINANCE),
    act(
        "invoiceCreate",
        "InvoiceCreated",
        "invoice { id number total { amount } lines { description } } replayed",
        lambda h: {"customer": h.ref, "currency": "USD", "lines": [{"amount": "4.20", "description": "Training"}]},
        **FINANCE,
    ),
    act(
        "invoiceFinalize",
        "InvoiceFinalized",
        "invoice { id number status } replayed",
        lambda h: {"invoiceId": h.draft},
        **FINANCE,
    ),
    act(
        "invoiceVoid",
        "InvoiceVoided",
        "invoice { id number status } replayed",
        lambda h: {"invoiceId": h.invoice},
        **FINANCE,
    ),
    act(
        "invoiceMarkUncollectible",
        "InvoiceMarkedUncollectible",
        "invoice { id number status } replayed",
        lambda h: {"invoiceId": h.invoice},
        **FINANCE,
    ),
    act(
        "creditNoteCreate",
        "CreditNoteCreated",
        "creditNote { id number total { amount } } invoice { id remaining { amount } } replayed",
        lambda h: {"invoiceId": h.invoice, "amount": "0.50", "to": "BALANCE", "reason": "Sorry"},
        **FINANCE,
    ),
    act(
        "creditGrant",
        "CreditGranted",
        "entry { id kind amount { amount } balance { amount } } replayed",
        lambda h: {"customer": h.ref, "note": "Sorry", **FEE},
        **FINANCE,
    ),
)
