"""Exporting the records of a resource: page by page by their row ids, so that memory does not grow with them.

A record that is changed meanwhile stands there as it was when its page was read.
"""

import csv
from typing import TextIO

from sqlalchemy import BigInteger, bindparam, select

from crm.access.scope import in_team, visible
from crm.blueprints.resource import Resource
from crm.database.projection import Projection
from crm.database.query import Query
from crm.models import ExternalKey
from crm.schemas.collections.external_keys import FIELD as EXTERNAL_KEYS
from crm.transfer.guard import guarded
from crm.transfer.shown import columns_of

PAGE = 500

_SOURCES = Query(
    select(ExternalKey.source)
    .where(*in_team(ExternalKey), ExternalKey.resource == bindparam("resource"))
    .distinct()
    .order_by(ExternalKey.source)
)


def export(resource: Resource, file: TextIO) -> int:
    """Write all visible records into a file that was opened with `newline=""`, and return how many there are."""
    columns = columns_of(resource, [source for (source,) in _SOURCES.rows(resource=resource.name)])
    projection = Projection({column.field.name: column.field for column in columns}.items(), resource.table)
    row_id = resource.table.c.id
    after = row_id > bindparam("after", type_=BigInteger)
    page = Query(projection.select().where(*visible(resource.model), after).order_by(row_id).limit(PAGE))
    writer = csv.writer(file)
    writer.writerow([column.name for column in columns])
    last, written = 0, 0
    while rows := page.rows(after=last):
        for record in projection.records(rows, include=frozenset([EXTERNAL_KEYS])):
            writer.writerow([guarded(column.show(record[column.field.name])) for column in columns])
        last, written = rows[-1][0], written + len(rows)
    return written
