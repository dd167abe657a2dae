"""Importing a file: all rows are checked first, then written by the hundred, each hundred in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from time import sleep

import click

from crm.blueprints.resource import Resource
from crm.database.connections import transaction
from crm.database.faults import Fault, database_errors, fault_of
from crm.http.application import PAUSE_SECONDS, TRIES
from crm.http.errors import Overtaken
from crm.records.batch_verbs import CREATE, UPSERT
from crm.transfer.checking import Checked, Checker, Key
from crm.transfer.columns import Column
from crm.transfer.refused import RefusedRows, lines_of
from crm.transfer.sheet import Row, Sheet, Told

MOST_LINES = 20
"""How much of what is wrong is told."""


@dataclass
class Report:
    """How many rows there are, how many of them are good for what, and the first lines of what is wrong."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    lines: list[str] = field(default_factory=list)
    more_lines: int = 0

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return self.added + self.changed + self.unchanged + self.refused

    def refuse(self, refused: Sequence[Checked]) -> None:
        """Count rows that are wrong, and note what is."""
        lines = [line for checked in refused for line in lines_of(checked)]
        told = lines[: MOST_LINES - len(self.lines)]
        self.lines += told
        self.more_lines += len(lines) - len(told)
        self.refused += len(refused)


class Stopped(click.ClickException):
    """An import that could not be done to its end: printed to stderr, exit code 1."""


class Import:
    """The import of a sheet into a resource, of the team that is worked in."""

    def __init__(self, resource: Resource, sheet: Sheet, columns: Sequence[Column], key: Key | None):
        self.resource = resource
        self.sheet = sheet
        self.columns = columns
        self.key = key
        self.verb = UPSERT if key else CREATE

    def check(self, told: Told = lambda _: None) -> Report:
        """Judge all rows and write nothing; those of records that are there count as `changed`."""
        report = Report()
        checker = self._checker()
        for portion in checker.portions(told):
            good, refused = _parted(checker.check(portion))
            report.added += sum(checked.item.row_id is None for checked in good if checked.item)
            report.refuse(refused)
            report.changed += sum(checked.item.row_id is not None for checked in good if checked.item)
        return report

    def write(self, refused_rows: RefusedRows | None = None, told: Told = lambda _: None) -> Report:
        """Write the rows; those with faults go into `refused_rows`. Raises Stopped where there are none to take them.

        `told` is told how many rows are done. What was written before an error stays.
        """
        report = Report()
        checker = self._checker()
        for portion in checker.portions():
            try:
                self._write(checker, portion, report, refused_rows)
            except BaseException:
                done = f"What stands before row {portion[0].number} is" if report.rows else "Nothing was"
                click.echo(f"{done} written.", err=True)
                raise
            told(report.rows)
        return report

    def _write(self, checker: Checker, rows: Sequence[Row], report: Report, refused_rows: RefusedRows | None) -> None:
        """Write a portion, judging it anew as long as others change meanwhile what it was judged by."""
        for _ in range(TRIES):
            good, refused = _parted(checker.check(rows))
            if refused and refused_rows is None:
                raise Stopped("\n".join([*(line for checked in refused for line in lines_of(checked))][:MOST_LINES]))
            try:
                self._write_good(good, report)
            except Overtaken:
                continue
            except database_errors() as error:
                if fault_of(error) is not Fault.CONFLICT:
                    raise
                sleep(PAUSE_SECONDS)
                continue
            if refused_rows:
                refused_rows.add(refused)
            report.refuse(refused)
            return
        raise Stopped("Other writers changed the same records time and again.")

    def _write_good(self, good: Sequence[Checked], report: Report) -> None:
        items = [checked.item for checked in good if checked.item]
        known = [item.row_id for item in items if item.row_id is not None]
        with transaction():
            before = self.resource.rows.versions(known)
            records = self.resource.batch.write(self.verb, items) if items else []
        versions = [(before.get(item.row_id or 0), record) for item, record in zip(items, records, strict=True)]
        changed = sum(record is not None and record["version"] != version for version, record in versions if version)
        report.added += len(items) - len(known)
        report.changed += changed
        report.unchanged += len(known) - changed

    def _checker(self) -> Checker:
        return Checker(self.resource.batch, self.verb, self.sheet, self.columns, self.key)


def _parted(checked: Sequence[Checked]) -> tuple[list[Checked], list[Checked]]:
    """Return those without faults, and those with some."""
    return [each for each in checked if not each.faults], [each for each in checked if each.faults]
