"""The payments of an invoice."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from sqlalchemy import delete, insert, select

from crm.database.functions import any_of
from crm.database.given_rows import given_rows
from crm.database.projection import Projection
from crm.database.query import Query
from crm.models import Payment
from crm.schemas.collections.base import Collection
from crm.schemas.field_order import shown_fields
from crm.schemas.payment import PaymentSchema

GivenPayments = Mapping[str, Mapping[str, Any] | None]
"""Payments by their ids, each the columns of a new one, or None for one that is taken back."""

_PAYMENTS = Payment.__table__
_GIVEN = [column for column in _PAYMENTS.c if column.name != "id"]


class Payments(Collection):
    """The payments of an invoice, by `paid_at`, then as entered, shown on request. They come and go one by one."""

    fits_its_record = True
    on_request = True

    def __init__(self) -> None:
        super().__init__(dump_only=True)

    def write(self, given: Mapping[int, GivenPayments], *, new: bool) -> set[int]:
        """Add payments to invoices and remove others, and return whose payments are others now."""
        each = [(row_id, *payment) for row_id, payments in given.items() for payment in payments.items()]
        if gone := [external_id for _, external_id, payment in each if payment is None]:
            self._removal.execute(external_ids=gone)
        if added := [{**payment, "record_id": row_id, "external_id": key} for row_id, key, payment in each if payment]:
            self._addition.execute(added=added)
        return {row_id for row_id, _, _ in each}

    @cached_property
    def _query(self) -> tuple[Query, Projection]:
        payments = Projection(shown_fields(PaymentSchema()), _PAYMENTS)
        of_invoices = any_of(_PAYMENTS.c.record_id, "record_ids")
        statement = select(*payments.columns, _PAYMENTS.c.record_id).select_from(payments.source).where(of_invoices)
        return Query(statement.order_by(_PAYMENTS.c.paid_at, _PAYMENTS.c.id)), payments

    @cached_property
    def _addition(self) -> Query:
        added = given_rows("added", _GIVEN)
        return Query(insert(_PAYMENTS).from_select([*added.c.keys()], select(*added.c), include_defaults=False))

    @cached_property
    def _removal(self) -> Query:
        return Query(delete(_PAYMENTS).where(any_of(_PAYMENTS.c.external_id, "external_ids")))
