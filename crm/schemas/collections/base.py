"""What all collections share: shown by one query for many records, sent with their record."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

from marshmallow.exceptions import ValidationError
from sqlalchemy import FromClause, Table

from crm.database.projection import Projection
from crm.database.query import Query
from crm.schemas.collections.arrays import Index, is_array, members_of
from crm.schemas.fields import Field, Reader
from crm.schemas.reading import Faults, Reading, merge


class Collection(Field):
    """Rows that belong to a record: shown by one query for many records, written after the records."""

    fits_its_record = False
    shows: tuple[str, ...] = ()
    on_request = False
    nothing: Callable[[], Any] = list

    @property
    def is_sorted(self) -> bool:
        """That no list can be sorted by it."""
        return False

    def project(self, projection: Projection, table: FromClause) -> Reader:
        """Have the projection fill this field, which the record's own row does not hold."""
        projection.add_collection(str(self.name), self)
        return lambda row: None

    def of(self, record_ids: list[int]) -> dict[int, Any]:
        """Return the members of each record that has some, in their order, by the record's row id."""
        query, members = self._query
        rows = query.rows(record_ids=record_ids)
        found = defaultdict(list)
        for row, member in zip(rows, members.records(rows), strict=True):
            found[row[-1]].append(member)
        return found

    @cached_property
    def _query(self) -> tuple[Query, Projection]:
        """Return the query of the members, whose last column is the record's row id, and their projection."""
        raise NotImplementedError

    def write(self, members_of: Mapping[int, Any], *, new: bool) -> set[int]:
        """Make these the members of records, by the row id of each record, which is locked or `new`.

        Returns the row ids of the records whose members are others now. Raises Overtaken if another request has
        changed what these were judged by.
        """
        raise NotImplementedError

    def release(self, record_ids: Sequence[int]) -> None:
        """Give up what deleted records, by their row ids, do not go on holding: by default nothing."""


class WrittenCollection(Collection):
    """A collection that clients send with its record; null counts as absent."""

    def __init__(self) -> None:
        super().__init__(keep_on_null=True)

    def resolve(self, readings: Sequence[Reading]) -> None:
        """Turn what was sent into what `write` takes, in the values of readings that have this field.

        Adds faults for what may not be referred to. Takes as many queries for many readings as for one.
        """
        raise NotImplementedError

    def as_given(self, record_id: int) -> Any:
        """Return the members of a record as `write` takes them, for another record that is to have the same."""
        raise NotImplementedError


class WrittenArray(WrittenCollection):
    """A collection that clients send whole, as an array: an empty one clears it."""

    max_items: int

    def __init__(self, table: Table):
        super().__init__()
        self.table = table

    def parse(self, value: Any) -> dict[Index, Any]:
        """Return the members by their index in the payload. Raises ValidationError with every fault.

        More of them than may be are one fault, and none is looked at.
        """
        return self.parse_members(value, self.parse_member)

    def parse_members(self, value: Any, parse_member: Callable[[Any], Any]) -> dict[Index, Any]:
        """Return the members, each as `parse_member` returns it, as `parse` does."""
        if not is_array(value):
            raise self.make_error("array")
        if len(value) > self.max_items:
            raise self.make_error("max_items", max=self.max_items)
        members, errors = {}, {}
        for index, item in members_of(value):
            try:
                members[index] = parse_member(item)
            except ValidationError as error:
                errors[index] = error.messages
                if error.valid_data:
                    members[index] = error.valid_data
        merge(errors, self.faults_among(members))
        if errors:
            in_order = {index: errors[index] for index, _ in members_of(value) if index in errors}
            raise ValidationError(in_order, valid_data=members)  # type: ignore[arg-type]
        return members

    def parse_member(self, value: Any) -> Any:
        """Return the Python value of one member. Raises ValidationError."""
        raise NotImplementedError

    def faults_among(self, members: Mapping[Index, Any]) -> Faults:
        """Return the faults of members beside each other, as far as each could be read: by default there are none."""
        return {}
