"""SECURITY.md is true: the tests that it names are there."""

import re

from tests.support.server import ROOT

PAGE = (ROOT / "SECURITY.md").read_text()


def test_the_tests_that_it_names_are_there() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)`", PAGE)
    assert len(named) > 25
    assert [path for path in named if not (ROOT / path).is_file()] == []


def test_every_row_names_a_test() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| ")][2:]
    assert len(rows) > 10
    assert [row for row in rows if "`tests/" not in row.rsplit(" | ", 1)[-1]] == []
