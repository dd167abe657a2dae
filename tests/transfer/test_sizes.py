"""Large files: written whole in bounded memory, and as quickly by the hundred as it goes.

`make soak` takes more rows: CRM_TEST_SOAK_ROWS is how many.
"""

import os
import tracemalloc
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select

from crm.access import acting
from crm.blueprints import resources_of
from crm.extensions import db
from crm.models import Change, Lead
from crm.transfer.checking import Key
from crm.transfer.columns import Fields
from crm.transfer.exporting import export
from crm.transfer.importing import Import
from crm.transfer.sheet import Sheet
from tests.support.client import CommandLine, statements
from tests.transfer.conftest import WriteFile

ROWS = int(os.environ.get("CRM_TEST_SOAK_ROWS", "2000"))
KEYED = ("--source", "erp", "--key", "key")
MEGABYTE = 1_000_000


def lines(rows: int) -> list[str]:
    """Return a file of leads, some with labels."""
    labels = ("Hot; Cold", "", "Warm")
    return [
        "key,title,amount,labels,lead_source_id",
        *(f"K-{number},Lead {number},{number}.50,{labels[number % 3]},Website" for number in range(rows)),
    ]


def counts(app: Flask) -> tuple[int | None, int | None]:
    with app.app_context():
        return tuple(db.session.scalar(select(func.count()).select_from(model)) for model in (Lead, Change))  # type: ignore[return-value]


def test_thousands_of_rows_are_written_once(
    app: Flask, shell: CommandLine, write_file: WriteFile, tmp_path: Path
) -> None:
    path = write_file(lines(ROWS))
    assert shell.done("import", "leads", path, *KEYED) == f"Added {ROWS}, changed 0, unchanged 0.\n"
    assert counts(app) == (ROWS, ROWS)
    assert shell.done("import", "leads", path, *KEYED) == f"Added 0, changed 0, unchanged {ROWS}.\n"
    assert counts(app) == (ROWS, ROWS)
    again = tmp_path / "again.csv"
    assert shell.done("export", "leads", again) == f"Exported leads: {ROWS}.\n"
    told = shell.done("import", "leads", again, "--source", "erp", "--key", "external_keys.erp")
    assert told.endswith(f"Added 0, changed 0, unchanged {ROWS}.\n")


def test_statements_do_not_grow_with_the_rows_of_a_portion(
    app: Flask, shell: CommandLine, write_file: WriteFile
) -> None:
    sent = []
    for rows in (50, 100):
        path = write_file([line.replace("K-", f"{rows}-") for line in lines(rows)])
        shell.done("import", "leads", path, *KEYED, "--dry-run")
        with statements(app) as told:
            shell.done("import", "leads", path, *KEYED)
        sent.append(len(told))
    assert sent[0] == sent[1]


def test_memory_does_not_grow_with_the_file(app: Flask, write_file: WriteFile, tmp_path: Path) -> None:
    """But for the keys, by which repeated ones are told: some hundred bytes each."""
    sheet = Sheet(write_file(lines(ROWS)))
    with app.app_context():
        acting.enter_team(None)
        leads = resources_of(app)["leads"]
        importing = Import(leads, sheet, Fields(leads).columns(sheet.header, {}, "key").read, Key("erp", 0))
        importing.check()
        tracemalloc.start()
        try:
            assert importing.check().added == ROWS
            assert importing.write().added == ROWS
            assert tracemalloc.get_traced_memory()[1] < 4 * MEGABYTE + 500 * ROWS
            tracemalloc.reset_peak()
            with (tmp_path / "out.csv").open("w", newline="") as file:
                assert export(leads, file) == ROWS
            assert tracemalloc.get_traced_memory()[1] < 5 * MEGABYTE
        finally:
            tracemalloc.stop()
