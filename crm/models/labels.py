"""Which labels a record carries: one association table for each resource that has labels."""

from sqlalchemy import Column, ForeignKey, Index, Table

from crm.extensions import db
from crm.models.base import Record
from crm.models.lookups import Label


def label_table(model: type[Record]) -> Table:
    """Return the table that joins the records of `model` with their labels.

    Its primary key finds the labels of a record, its index the records of a label: whoever deletes one counts these.
    """
    name = f"{model.__tablename__}_labels"
    return Table(
        name,
        db.metadata,
        Column("record_id", ForeignKey(model.id), primary_key=True),
        Column("label_id", ForeignKey(Label.id), primary_key=True),
        Index(f"ix_{name}_label_id_record_id", "label_id", "record_id"),
    )
