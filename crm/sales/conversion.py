"""One record made of another: a deal of a lead, an order of a quote, an invoice of an order (beyond, section 16).

What is made remembers of what, in `made_of_id`, apart from the reference that it shows. For that one clients may change
later, and they may make other records that refer to the same one; but only what an action has made, and as long as it
is there, stands in the way of doing the action again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import bindparam, select

from crm.access.scope import alive
from crm.database.query import Query
from crm.http.errors import Refusal
from crm.models.base import Record
from crm.records.locking import Locked
from crm.records.writing import Values, Writer
from crm.schemas.base import RecordSchema
from crm.schemas.collections.base import WrittenCollection
from crm.schemas.collections.external_keys import ExternalKeys
from crm.schemas.deal import DealSchema
from crm.schemas.invoice import InvoiceSchema
from crm.schemas.lead import LeadSchema
from crm.schemas.order import OrderSchema
from crm.schemas.quote import QuoteSchema
from crm.schemas.references import StageReference

_NOT_COPIED = (ExternalKeys, StageReference)
"""Fields of what is one record's own, or one resource's."""


def _any(record: Locked) -> None:
    """Let every record be converted."""


@dataclass(frozen=True)
class Conversion:
    """What is made of what."""

    source: type[RecordSchema]
    made: type[RecordSchema]
    done: str
    """What is said of a record of which one has been made already."""
    require: Callable[[Locked], None] = _any
    """Raises Refusal (409) for a record that is not in the state for it."""
    converted_at: str = ""
    """The column in which the source keeps when it was converted, if that is a change of it."""
    word: str = ""
    """What the journal then says of the source."""

    @property
    def makes(self) -> type[Record]:
        """The model of what is made."""
        return self.made.model

    @cached_property
    def origin(self) -> str:
        """The field by which what is made names its source."""
        return _number_of(self.source)

    @cached_property
    def copied(self) -> frozenset[str]:
        """The fields that are copied: all that both take, but for what is one record's own, or one resource's."""
        taken = self.source().load_fields.keys()
        fields = self.made().load_fields.items()
        return frozenset(name for name, field in fields if name in taken and not isinstance(field, _NOT_COPIED))

    def body(self) -> RecordSchema:
        """Return how a body is read that says what of the new record is not as it is in its source."""
        return self.made.for_copy(self.origin)

    def make(self, sources: Writer, makes: Writer, record: Locked, given: Values) -> int:
        """Make a record of a locked one, but with the values that are given, and return its row id.

        What is copied is not checked again. Raises Refusal (409) if there is one already, or it may not be made, and
        ValidationFailed if its totals cannot be worked out.
        """
        self._refuse_converted(record)
        self.require(record)
        values = {**self._copy_of(sources, record, self.copied - given.keys()), **given}
        if self.converted_at:
            change = {record.row_id: {self.converted_at: record.moment}}
            sources.update([record], change, self.word, anyway=True)  # perhaps again, within the same second
        settled = makes.schema.settle(values)
        (row_id,) = makes.create([{**settled, self.origin: record.row_id, "made_of_id": record.row_id}])
        return row_id

    def refuse_while_made(self, record: Locked, sentence: str) -> bool:
        """Raise Refusal (409) with the newest live record that was made of one; else tell if there was one ever."""
        found = self._newest.record(row_id=record.row_id)
        if found and found["is_live"]:
            raise Refusal(409, sentence, {_number_of(self.made): found["external_id"]})
        return found is not None

    def _refuse_converted(self, record: Locked) -> None:
        """Raise Refusal (409) if a record is converted; if it just says so, it was before there were actions."""
        was_made = self.refuse_while_made(record, self.done)
        if not was_made and self.converted_at and record.columns[self.converted_at]:
            raise Refusal(409, self.done)

    def _copy_of(self, sources: Writer, record: Locked, names: frozenset[str]) -> dict[str, Any]:
        """Return values of a record as they are given to a new one."""
        collections = {
            name: field for name in names if isinstance(field := sources.schema.fields[name], WrittenCollection)
        }
        members = {name: field.as_given(record.row_id) for name, field in collections.items()}
        return members | {name: record.columns[name] for name in names - collections.keys()}

    @cached_property
    def _newest(self) -> Query:
        """Return the query of the newest record made of one, a live one if there is any."""
        table = self.makes.__table__
        made = select(table.c.external_id, alive(table).label("is_live"))
        order = (table.c.deleted_at.is_not(None), table.c.created_at.desc(), table.c.id.desc())
        return Query(made.where(table.c.made_of_id == bindparam("row_id")).order_by(*order).limit(1))


def _number_of(schema: type[RecordSchema]) -> str:
    """Return the field of the number that people read, by which other records name such a record, too."""
    if schema.model.number is None:
        raise TypeError(f"{schema.__name__} has no number: say by which name other records refer to its records.")
    return schema.model.number[0]


def _require_not_rejected(quote: Locked) -> None:
    if quote.columns["rejected_at"]:
        raise Refusal(409, "The quote is rejected.")


LEAD_TO_DEAL = Conversion(
    LeadSchema, DealSchema, "The lead is already converted.", converted_at="converted_at", word="converted"
)
QUOTE_TO_ORDER = Conversion(QuoteSchema, OrderSchema, "The quote is already ordered.", _require_not_rejected)
ORDER_TO_INVOICE = Conversion(OrderSchema, InvoiceSchema, "The order is already invoiced.")
