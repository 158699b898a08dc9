"""Rows are read as their columns say, whatever they are called."""

from __future__ import annotations

from models.reading import Reading

ODD = 'it\'s "odd"\n{0} \\'


def test_a_row_has_each_column_by_its_name_and_a_null_stays_null() -> None:
    reading = Reading(["id", ODD, "paid"], {1: str.upper, 2: bool})
    rows = [("a", "x", 1), ("b", None, None)]

    assert reading.dicts(rows) == [{"id": "a", ODD: "X", "paid": True}, {"id": "b", ODD: None, "paid": None}]
    assert reading.tuples(rows) == [("a", "X", True), ("b", None, None)]
    (record, other) = Reading(["id", "paid"], {1: bool}).records([("a", 1), ("b", None)])
    assert (record.id, record.paid, other.paid) == ("a", True, None)
    assert reading.but_last.dicts([row[:-1] for row in rows]) == [{"id": "a", ODD: "X"}, {"id": "b", ODD: None}]


def test_one_column_is_a_row_too_and_what_is_not_turned_stays_as_it_is() -> None:
    rows = [("a",), (None,)]
    assert Reading(["id"], {}).dicts(rows) == [{"id": "a"}, {"id": None}]
    assert Reading(["id"], {}).tuples(rows) is rows
    assert Reading(["id"], {0: len}).tuples(rows) == [(1,), (None,)]
