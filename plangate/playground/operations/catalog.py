"""What is sold."""

from __future__ import annotations

from typing import Final

from plangate.playground.saved import SavedOperation

_TASK: Final = "Catalog"

CATALOG: Final[tuple[SavedOperation, ...]] = (
    SavedOperation(
        _TASK,
        "See the plans",
        "What is sold, at which prices, and what each plan gives. A pricing table asks this.",
        """query Plans {
  plans {
    key
    name
    kind
    prices { currency interval { unit count } model unitAmount { amount } }
    entitlements { feature { key name } limit unlimited value }
  }
}""",
    ),
    SavedOperation(
        _TASK,
        "See the features",
        "What plans can give: yes or no, a value, or a metered amount with its unit.",
        """query Features {
  products { key name }
  features { key name kind unit scale }
}""",
    ),
)
