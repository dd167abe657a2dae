"""Which labels a record carries: one association table for each resource that has labels."""

from sqlalchemy import Column, ForeignKey, Table

from crm.extensions import db
from crm.models.base import Record
from crm.models.lookups import Label


def label_table(model: type[Record]) -> Table:
    """Return the table that joins the records of `model` with their labels."""
    return Table(
        f"{model.__tablename__}_labels",
        db.metadata,
        Column("record_id", ForeignKey(model.id), primary_key=True),
        Column("label_id", ForeignKey(Label.id), primary_key=True),
    )
