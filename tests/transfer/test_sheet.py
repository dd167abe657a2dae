"""CSV files as they come: delimiters, marks, line ends, and what cannot be read."""

from pathlib import Path

import pytest

from crm.transfer.sheet import Sheet, Unreadable
from tests.transfer.conftest import WriteFile

MARK = b"\xef\xbb\xbf"


def read(path: Path, delimiter: str | None = None) -> list[tuple[int, list[str]]]:
    sheet = Sheet(path, delimiter)
    return [(1, sheet.header), *((row.number, row.cells) for row in sheet.rows())]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("mark", [b"", MARK])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_delimiter_is_found_out(write_file: WriteFile, delimiter: str, mark: bytes, end: str) -> None:
    rows = [["title", "a,b;c\td"], ["Zoë", 'two\nlines, "quoted"']]
    text = end.join(delimiter.join('"{}"'.format(cell.replace('"', '""')) for cell in row) for row in rows)
    assert read(write_file(mark + text.encode())) == [(1, rows[0]), (2, rows[1])]


def test_one_column_needs_no_delimiter(write_file: WriteFile) -> None:
    assert read(write_file(["title", "A", "B"])) == [(1, ["title"]), (2, ["A"]), (3, ["B"])]


def test_a_delimiter_that_is_named_holds(write_file: WriteFile) -> None:
    assert read(write_file(["a,b|c", "1,2|3"]), "|") == [(1, ["a,b", "c"]), (2, ["1,2", "3"])]


def test_rows_are_counted_as_a_spreadsheet_does_and_blank_ones_passed_over(write_file: WriteFile) -> None:
    lines = ["title,description", '"A","two', 'lines"', "", " , ", "B,"]
    assert read(write_file(lines))[1:] == [(2, ["A", "two\r\nlines"]), (5, ["B", ""])]


def test_a_header_is_trimmed_and_ends_with_its_last_name(write_file: WriteFile) -> None:
    assert Sheet(write_file([" title ,\u00a0amount\u200b, ,"])).header == ["title", "amount"]


@pytest.mark.parametrize("content", [b"", MARK, b"\n", b" ,,\nA,B,C\n"])
def test_without_a_header_nothing_is_read(write_file: WriteFile, content: bytes) -> None:
    with pytest.raises(Unreadable, match=r"^records.csv has no header"):
        Sheet(write_file(content))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_named(write_file: WriteFile, encoding: str) -> None:
    mark = "" if encoding == "utf-16" else "\ufeff"
    with pytest.raises(Unreadable, match="UTF-16"):
        Sheet(write_file(f"{mark}title\nA\n".encode(encoding)))


@pytest.mark.parametrize("header", [b"t\xefitle\n", b"ti\0tle\n"])
def test_a_header_is_text(write_file: WriteFile, header: bytes) -> None:
    with pytest.raises(Unreadable, match="UTF-8"):
        Sheet(write_file(header))


@pytest.mark.parametrize("content", ['title\nA\n"B\nC\n', 'title\nA\n"B"x\n', f'title\nA\n"{"x" * 200_000}"\n'])
def test_quotes_that_do_not_end_and_endless_cells_are_refused(write_file: WriteFile, content: str) -> None:
    with pytest.raises(Unreadable, match="cannot be read from row 3 on"):
        read(write_file(content.encode()))
