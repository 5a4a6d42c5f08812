"""docs/torch-notes.md: every statement has a test or a reason. ``notes`` also checks that the tests ran."""

import notes


def test_every_statement_has_a_test_or_is_a_departure_with_its_reason():
    rows = notes.rows()
    assert len(rows) > 100
    departures = [row for row in rows if len(row) == 2 and row[1].startswith("departure: ") and len(row[1]) > 20]
    assert len(departures) + len(notes.tests()) == len(rows), [row for row in rows if len(row) != 2]


def test_every_test_of_the_table_is_there():
    missing = [test for test in notes.tests() if not notes.is_there(test)]
    assert not missing, missing


def test_what_is_not_there_is_found():
    assert not notes.is_there("tests/test_notes.py::test_of_no_name")
    assert not notes.is_there("tests/test_of_no_module.py::test_it")
