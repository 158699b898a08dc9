"""Statements compiled once: their text, the order of what is given, and how values go in and come out.

SQLAlchemy writes the SQL and knows the types; between a statement that was met before and the driver stands nothing of
it. A statement that is built once and kept is found again by itself, one that is built for each call by its shape.
"""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Any, TypeAlias, cast
from weakref import ref

from sqlalchemy.types import TupleType

from billing.dataclass import dataclass
from models.reading import Reading, evaluated
from models.types import Choice, Flag, Instant, Json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, MutableMapping, Sequence

    from sqlalchemy import BindParameter
    from sqlalchemy.engine import Dialect
    from sqlalchemy.sql import Executable
    from sqlalchemy.sql.compiler import SQLCompiler

    from models.rows import Given, Sets
    from models.types import Process

Place: TypeAlias = "tuple[str, int | None, int | None, Process | None]"
"""What is given by name, the member of it where it is a list, the part of a member that is a tuple, and how the driver
wants it."""
Keys: TypeAlias = "tuple[str, ...]"
"""What is given by name to an INSERT or UPDATE: which columns it names depends on that."""
Taker: TypeAlias = "Callable[[Mapping[str, Any], Sequence[Mapping[str, Any]]], Sequence[Sequence[Any]]]"
OWN = (Choice, Flag, Instant, Json)
MOST = 2_000
"""So many statements are remembered, and so many shapes."""


@dataclass(frozen=True, slots=True)
class Text:
    """SQL as the driver takes it, with what goes into each place."""

    sql: str
    places: Sequence[Place]
    plain: Sequence[tuple[str, Process | None]]
    """The places where none is a member of a list."""
    takers: dict[Keys, Taker] = field(default_factory=dict["Keys", "Taker"])
    """By what is given with each set, how the values of many sets are taken."""

    def taken(self, written: Mapping[str, Any], sets: Sequence[Mapping[str, Any]]) -> Sequence[Sequence[Any]]:
        """Take the values of each set in the driver's order; what it does not give is as it is written."""
        keys = tuple(sets[0])
        take = self.takers.get(keys)
        if take is None:
            take = self.takers[keys] = self._taker(keys)
        return take(written, sets)

    def _taker(self, keys: Keys) -> Taker:
        """Write it down as one comprehension, as rows are read (`models/reading.py`)."""
        values = [f"{'each' if name in keys else 'written'}[{name!r}]" for name, _ in self.plain]
        binds = {place: process for place, (_, process) in enumerate(self.plain) if process is not None}
        taken = "".join(f"p{place}({of}), " if place in binds else f"{of}, " for place, of in enumerate(values))
        bound = {f"p{place}": process for place, process in binds.items()}
        return cast("Taker", evaluated(f"lambda written, sets: [({taken}) for each in sets]", bound))


@dataclass(slots=True)
class Prepared:
    """One shape of statement."""

    compiled: SQLCompiler
    known: Reading
    tuples: frozenset[str]
    """Parameters that are lists of tuples."""
    lists: Sequence[str]
    """Parameters that are lists in an `IN`: each length has a text of its own."""
    processes: Mapping[str, Sequence[Process | None]]
    """How the driver wants a parameter, or each part of the members of a list of tuples."""
    texts: dict[tuple[int, ...], Text] = field(default_factory=dict["tuple[int, ...]", Text])

    def given(self, values: Mapping[str, Any]) -> tuple[str, list[Any]]:
        """Give the SQL for these values, and the values in its order."""
        lengths = tuple([len(values[each]) for each in self.lists]) if self.lists else ()
        text = self._text_of(lengths, values)
        if text.plain:
            return text.sql, [values[name] if each is None else each(values[name]) for name, each in text.plain]
        return text.sql, [_taken(values[name], member, part, process) for name, member, part, process in text.places]

    def given_each(
        self, written: Mapping[str, Any], sets: Sequence[Mapping[str, Any]]
    ) -> tuple[str, Sequence[Sequence[Any]]]:
        """Give the SQL for many sets that name the same, none of them a list; and the values of each."""
        text = self._text_of((), {**written, **sets[0]})
        return text.sql, text.taken(written, sets)

    def reading(self, columns: Callable[[], Sequence[str]]) -> Reading:
        """Know how to read its rows; where SQLAlchemy cannot tell its columns, the driver names them once."""
        if not self.known.names:
            self.known = Reading(columns(), {})
        return self.known

    def _text_of(self, lengths: tuple[int, ...], values: Mapping[str, Any]) -> Text:
        text = self.texts.get(lengths)
        if text is None:
            if len(self.texts) >= MOST:
                self.texts.clear()
            text = self.texts[lengths] = self._text(values)
        return text

    def _text(self, values: Mapping[str, Any]) -> Text:
        expanded = self.compiled.construct_expanded_state(dict(values))
        members: dict[str, tuple[str, int, int | None]] = {}
        for of, names in expanded.parameter_expansion.items():
            width = len(self.processes[of])
            for number, name in enumerate(names):
                row, part = divmod(number, width)
                members[name] = (of, row, part if of in self.tuples else None)
        places: list[Place] = []
        for name in expanded.positiontup or ():
            if name in members:
                of, row, within = members[name]
                places.append((of, row, within, self.processes[of][within or 0]))
            else:
                places.append((name, None, None, self.processes[name][0]))
        plain = [] if members else [(name, process) for name, _, _, process in places]
        return Text(expanded.statement, places, plain)


def _taken(
    value: Any,  # noqa: ANN401  (of any type)
    member: int | None,
    part: int | None,
    process: Process | None,
) -> Any:  # noqa: ANN401  (as above)
    """Take what goes into a place out of what is given."""
    if member is not None:
        value = value[member] if part is None else value[member][part]
    return process(value) if process is not None else value


class Preparing:
    """The statements that one database was asked, by what they are."""

    def __init__(self, dialect: Dialect) -> None:
        """Write SQL for this dialect; its driver takes values by position."""
        self.dialect = dialect
        self.hear: Callable[[str], None] | None = None
        """Who is told of each statement that is carried out."""
        self._kept: dict[tuple[int, Keys], tuple[ref[Executable], Prepared, Mapping[str, Any]]] = {}
        """By the statement itself, with the values that are written into it: as long as somebody else keeps it."""
        self._shapes: MutableMapping[Any, Prepared] = {}

    def __call__(self, statement: Executable, given: Sets) -> tuple[Prepared, str, Sequence[Any]]:
        """Find or compile a statement; its SQL, and what the driver is given: of a list of sets, one list for each."""
        if not isinstance(given, list):
            once = cast("Given", given)
            prepared, written = self._found(statement, tuple(once) if once and statement.is_dml else ())
            sql, places = prepared.given({**written, **once} if once else written)
            return prepared, sql, places
        sets = cast("Sequence[Mapping[str, Any]]", given)
        prepared, written = self._found(statement, tuple(sets[0]) if statement.is_dml else ())
        sql, each = prepared.given_each(written, sets)
        return prepared, sql, each

    def tell(self, sql: str) -> None:
        """Tell whoever hears statements of one."""
        if self.hear is not None:
            self.hear(sql)

    def _found(self, statement: Executable, keys: Keys) -> tuple[Prepared, Mapping[str, Any]]:
        known = self._kept.get((id(statement), keys))
        if known is None:
            known = self._known(statement, keys)
        return known[1], known[2]

    def _known(self, statement: Executable, keys: Keys) -> tuple[ref[Executable], Prepared, Mapping[str, Any]]:
        shaped = cast("Any", statement)._generate_cache_key()  # noqa: SLF001  (as SQLAlchemy finds what it compiled)
        prepared = self._shapes.get((shaped.key, keys)) if shaped is not None else None
        if prepared is None:
            prepared = self._prepared(statement, keys, shaped)
            if shaped is not None:
                if len(self._shapes) >= MOST:
                    self._shapes.clear()
                self._shapes[shaped.key, keys] = prepared
        written = prepared.compiled.construct_params(
            extracted_parameters=shaped.bindparams if shaped is not None else None, _check=False
        )
        if len(self._kept) >= MOST:
            self._kept.clear()
        kept, place = self._kept, (id(statement), keys)
        known = kept[place] = (ref(statement, lambda _: kept.pop(place, None)), prepared, written)
        return known

    def _prepared(self, statement: Executable, keys: Keys, shaped: Any) -> Prepared:  # noqa: ANN401  (SQLAlchemy's key)
        compiled = cast("Any", statement)._compiler(  # noqa: SLF001  (as above)
            self.dialect, cache_key=shaped, column_keys=list(keys) or None
        )
        columns: Sequence[Any] = compiled._result_columns or ()  # noqa: SLF001  (what the rows will be)
        reads = [(place, self._reader(each.type)) for place, each in enumerate(columns)]
        binds: dict[str, BindParameter[Any]] = {name: each for each, name in compiled.bind_names.items()}
        tuples = {name: each.type for name, each in binds.items() if isinstance(each.type, TupleType)}
        parts = {name: tuples[name].types if name in tuples else [each.type] for name, each in binds.items()}
        return Prepared(
            compiled,
            Reading(
                [each.name for each in columns], {place: process for place, process in reads if process is not None}
            ),
            frozenset(tuples),
            sorted(name for name, each in binds.items() if each.expanding),
            {name: [self._binder(each) for each in of] for name, of in parts.items()},
        )

    def _reader(self, of: Any) -> Process | None:  # noqa: ANN401  (a type of SQLAlchemy)
        if isinstance(of, OWN):
            return of.reader(self.dialect)
        process: Process | None = of.dialect_impl(self.dialect).result_processor(self.dialect, None)
        return process

    def _binder(self, of: Any) -> Process | None:  # noqa: ANN401  (as above)
        if isinstance(of, OWN):
            return of.binder(self.dialect)
        process: Process | None = of.dialect_impl(self.dialect).bind_processor(self.dialect)
        return process
