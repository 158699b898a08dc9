"""The sandbox: a provider that moves no money, for TEST environments.

What becomes of a charge is in the method's reference, and nowhere else: the same reference does the same every time. It
keeps books of its own, in transactions of its own, so that a charge is made once for its key whoever dies meanwhile.

- `sandbox_succeeds`
- `sandbox_declines_<code>`, such as `sandbox_declines_insufficient_funds`: one of `DECLINES`
- `sandbox_fails_<n>_times`: so many attempts to collect an invoice fail, the next succeeds; n from 1 to 9
- `sandbox_needs_action`: the customer confirms it within 23 hours (`paymentSimulate`), or it has failed
- `sandbox_settles_late`, `sandbox_fails_late`: three days later it has succeeded, or failed
- `sandbox_disputed`, `sandbox_disputed_partly`: it succeeds, and a day later the bank takes all or half of it back
- `sandbox_refuses_refunds`: it succeeds, and nothing goes back
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from billing.ports import Asked, ChargeAnswer, Outcome, RefundAnswer, Simulation
from models.choices import SandboxKind
from models.stores.sandbox import Sandbox, SandboxEntry

if TYPE_CHECKING:
    from billing.ports import ChargeAsked, RefundAsked
    from models.session import Database

DECLINES: Final = (
    "insufficient_funds",
    "expired_card",
    "do_not_honor",
    "lost_card",
    "stolen_card",
    "incorrect_cvc",
    "processing_error",
)
PLAIN: Final = frozenset({
    "sandbox_succeeds", "sandbox_needs_action", "sandbox_settles_late", "sandbox_fails_late", "sandbox_disputed",
    "sandbox_disputed_partly", "sandbox_refuses_refunds",
})  # fmt: skip
CONFIRMED_WITHIN: Final = timedelta(hours=23)
SETTLED_AFTER: Final = timedelta(days=3)
DISPUTED_AFTER: Final = timedelta(days=1)
ACTION_URL: Final = "https://sandbox.invalid/confirm/"
_DECLINES = re.compile("sandbox_declines_([a-z_]+)")
_FAILS = re.compile("sandbox_fails_([1-9])_times")


def gateway(database: Database) -> SandboxGateway:
    """Open the sandbox."""
    return SandboxGateway(database)


class SandboxGateway:
    """The sandbox as a provider, and its own books behind it."""

    def __init__(self, database: Database) -> None:
        """Keep the books in this database."""
        self._database = database

    async def label(self, method: str) -> str | None:
        """The reference in words."""
        declined = _DECLINES.fullmatch(method)
        known = method in PLAIN or _FAILS.fullmatch(method) or (declined and declined[1] in DECLINES)
        return "Sandbox: " + method.removeprefix("sandbox_").replace("_", " ") if known else None

    async def charge(self, charge: ChargeAsked) -> ChargeAnswer:
        """Do what the method's reference says, once for each key."""
        async with self._database.working() as session:
            entry = await Sandbox(session).once(_made(charge))
        return _answer(_present(entry, charge.asked))

    async def refund(self, refund: RefundAsked) -> RefundAnswer:
        """Give back, once for each key and never more than came in."""
        asked = refund.asked
        async with self._database.working() as session:
            books = Sandbox(session)
            charge = await books.entry(asked.environment_id, refund.charge, hold=True)
            entry = await books.entry(asked.environment_id, asked.key)
            if entry is None:
                back = await books.given_back(asked.environment_id, refund.charge)
                came = _present(charge, asked) if charge is not None else None
                entry = await books.once(_back(refund, _refused(came, back + refund.amount.minor)))
        return RefundAnswer(entry.outcome, entry.code)

    async def status(self, asked: Asked) -> ChargeAnswer | None:
        """How the charge of a key stands at an instant."""
        async with self._database.reading() as connection:
            entry = await Sandbox(connection).entry(asked.environment_id, asked.key)
        return _answer(_present(entry, asked)) if entry is not None else None

    async def simulate(self, asked: Asked, what: Simulation, amount: int | None) -> bool:
        """Let the customer confirm or reject a charge, or the bank take it back, or a part of it."""
        async with self._database.working() as session:
            books = Sandbox(session)
            entry = await books.entry(asked.environment_id, asked.key, hold=True)
            after = _simulated(_present(entry, asked), what, amount) if entry is not None else None
            if after is not None:
                await books.save(after)
        return after is not None


def _made(charge: ChargeAsked) -> SandboxEntry:
    asked, amount, method = charge.asked, charge.amount, charge.method
    entry = SandboxEntry(
        asked.environment_id,
        asked.key,
        SandboxKind.CHARGE,
        amount.minor,
        amount.currency,
        Outcome.SUCCEEDED,
        asked.at,
        method=method,
    )
    declined, fails = _DECLINES.fullmatch(method), _FAILS.fullmatch(method)
    if declined or (fails and charge.attempt <= int(fails[1])):
        return replace(entry, outcome=Outcome.FAILED, code=declined[1] if declined else "insufficient_funds")
    if method == "sandbox_needs_action":
        later = replace(entry, later=Outcome.FAILED, later_code="not_confirmed", later_at=asked.at + CONFIRMED_WITHIN)
        return replace(later, outcome=Outcome.NEEDS_ACTION)
    if method in ("sandbox_settles_late", "sandbox_fails_late"):
        ends = (Outcome.SUCCEEDED, "") if method == "sandbox_settles_late" else (Outcome.FAILED, "returned")
        later = replace(entry, later=ends[0], later_code=ends[1], later_at=asked.at + SETTLED_AFTER)
        return replace(later, outcome=Outcome.PENDING)
    if method in ("sandbox_disputed", "sandbox_disputed_partly"):
        taken = amount.minor if method == "sandbox_disputed" else amount.minor // 2
        return replace(entry, later=Outcome.SUCCEEDED, later_disputed=taken, later_at=asked.at + DISPUTED_AFTER)
    return entry


def _back(refund: RefundAsked, code: str) -> SandboxEntry:
    asked, amount = refund.asked, refund.amount
    return SandboxEntry(
        asked.environment_id,
        asked.key,
        SandboxKind.REFUND,
        amount.minor,
        amount.currency,
        Outcome.FAILED if code else Outcome.SUCCEEDED,
        asked.at,
        charge_key=refund.charge,
        code=code,
    )


def _present(entry: SandboxEntry, asked: Asked) -> SandboxEntry:
    """An entry as it stands at the instant asked."""
    if entry.later is None or entry.later_at is None or asked.at < entry.later_at:
        return entry
    return replace(
        entry,
        outcome=entry.later,
        code=entry.later_code,
        disputed=entry.later_disputed,
        later=None,
        later_at=None,
    )


def _simulated(entry: SandboxEntry, what: Simulation, amount: int | None) -> SandboxEntry | None:
    """The entry afterwards, the same where that happened before; None where it cannot happen."""
    if what is Simulation.DISPUTED:
        taken = entry.amount if amount is None else amount
        fits = entry.outcome is Outcome.SUCCEEDED and max(1, entry.disputed) <= taken <= entry.amount
        return replace(entry, disputed=taken, later=None, later_at=None) if fits else None
    outcome = Outcome.SUCCEEDED if what is Simulation.CONFIRMED else Outcome.FAILED
    if entry.outcome not in (Outcome.NEEDS_ACTION, Outcome.PENDING):
        return entry if entry.outcome is outcome else None
    code = "" if what is Simulation.CONFIRMED else "rejected_by_customer"
    return replace(entry, outcome=outcome, code=code, later=None, later_at=None)


def _answer(entry: SandboxEntry) -> ChargeAnswer:
    url = f"{ACTION_URL}{entry.key}" if entry.outcome is Outcome.NEEDS_ACTION else ""
    return ChargeAnswer(entry.outcome, entry.code, url, entry.disputed, entry.later_at)


def _refused(charge: SandboxEntry | None, back: int) -> str:
    if charge is None or charge.outcome is not Outcome.SUCCEEDED:
        return "charge_not_found"
    if charge.method == "sandbox_refuses_refunds":
        return "refund_refused"
    return "more_than_charged" if back > charge.amount - charge.disputed else ""
