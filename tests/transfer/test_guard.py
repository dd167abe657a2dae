"""Cells that a spreadsheet would run as formulas are made harmless, and are read as what they were."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.transfer.guard import guarded, unguarded


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+49 30 1234",
        "-",
        "-1+1",
        "-A1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "'=1",
        "''@x",
        "--1",
        "-1-1",
        "=",
        "-1,5,5",
    ],
)
def test_what_could_be_run_gets_an_apostrophe(text: str) -> None:
    assert guarded(text) == f"'{text}"
    assert unguarded(guarded(text)) == text


@pytest.mark.parametrize("text", ["", "a=b", "-1", "-1500.50", "-1,5", "'tis", "'-1", "'", "1+1", "Müller", "\n=1"])
def test_all_else_stays_as_it_is(text: str) -> None:
    assert guarded(text) == unguarded(text) == text


@given(st.text(st.sampled_from("'=+-@\t\r1.,a"), max_size=6))
def test_what_is_written_is_read_again(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert not guarded(text).startswith(("=", "+", "@", "\t", "\r"))
