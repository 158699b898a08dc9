"""Which columns the fields of an object are made of, so that a list reads those that are asked for and no others."""

from functools import lru_cache
from typing import Any, Final

from strawberry.utils.str_converters import to_camel_case

from models.columns import WHOLE
from schema.promise import SHOWN, Shown

MOST: Final = 500
"""So many ways to ask are remembered."""


class Columns:
    """The columns of each field of an object, by the field's name; what is made of others needs whole rows."""

    def __init__(self, shown: type, /, **more: str) -> None:
        """Take fields that are shown as they stand in the view for columns; name those of others, with spaces between.

        Of every row the ids are there, by which other things are found.
        """
        made: Any = shown
        names = {"__typename": "", "id": "", **more}
        for each in made.__strawberry_definition__.fields:
            how = getattr(each.base_resolver and each.base_resolver.wrapped_func, SHOWN, None)
            if isinstance(how, Shown) and isinstance(how.of, str):
                names.setdefault(to_camel_case(each.python_name), WHOLE if "." in how.of else how.of)
        self._of = {name: frozenset(columns.split()) for name, columns in names.items()}
        self.of: Final = lru_cache(MOST)(self._found)

    def _found(self, wanted: frozenset[str], before: str = "") -> frozenset[str]:
        """Find those of the fields that are wanted, each with the same word before it."""
        return frozenset(before + column for name in wanted for column in self._of.get(name, (WHOLE,)))
