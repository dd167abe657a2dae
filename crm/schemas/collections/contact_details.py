"""How people and organizations are reached: e-mail addresses, phone numbers, postal addresses (beyond, section 17)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar

from marshmallow.exceptions import ValidationError
from sqlalchemy import ColumnElement, FromClause, select

from crm.access.scope import in_team, team_key
from crm.database.functions import fold
from crm.schemas.collections.arrays import Index
from crm.schemas.collections.ordered_rows import OrderedRows
from crm.schemas.collections.whole_rows import WholeRows
from crm.schemas.contact_details import AddressSchema, EmailSchema, PhoneSchema, says_something
from crm.schemas.fields import Email, Field, Text
from crm.schemas.fields.asking import compare
from crm.schemas.reading import ITSELF, Faults, Reading

Detail = dict[str, Any]
"""One of a record's details, as it is shown."""

_GIVEN = "The :field has already been given."
_ONE_PRIMARY = "Only one may be primary."
_NOTHING = "The :field needs at least one field."


class ContactDetails(OrderedRows):
    """Details of one kind. One of them is primary: the first, where none is said to be."""

    max_items = 20

    def faults_among(self, members: Mapping[Index, Detail]) -> Faults:
        """Return a fault for each detail that is primary beside an earlier one."""
        primary = [index for index, detail in members.items() if detail.get("primary")]
        return {index: {"primary": [_ONE_PRIMARY]} for index in primary[1:]}

    def resolve(self, readings: Sequence[Reading]) -> None:
        """Put the details into their order, and have one of them be primary."""
        name = str(self.name)
        for reading in readings:
            details = [*reading.values[name].values()]
            if details and not any(detail.get("primary") for detail in details):
                details[0]["primary"] = True
            reading.values[name] = details

    def write(self, details_of: Mapping[int, Sequence[Detail]], *, new: bool) -> set[int]:
        """Make these the details of records, and return whose details are others now."""
        rows_of = {record_id: [self.row_of(each) for each in details] for record_id, details in details_of.items()}
        return self._rows.write(rows_of, new=new)

    def row_of(self, detail: Detail) -> dict[str, Any]:
        """Return the columns of a detail, beside whose it is."""
        return detail

    @cached_property
    def _rows(self) -> WholeRows:
        return WholeRows(self.table)


class SoughtDetails(ContactDetails):
    """Details by which a record is found: each is known by its key, and given once."""

    operators = ("eq", "in")
    has_own_index = True
    is_searched = True
    value: ClassVar[str]
    """The field of a detail that is sought."""
    asked: ClassVar[Field]
    """How a filter reads such a value, whose length it does not judge."""

    def key_of(self, text: str) -> str:
        """Return what a value is found by."""
        raise NotImplementedError

    def sameness_of(self, text: str) -> str:
        """Return what two values are the same by: the key, unless the kind says otherwise."""
        return self.key_of(text)

    def faults_among(self, members: Mapping[Index, Detail]) -> Faults:
        """Return a fault also for each value that has been given before."""
        faults: Faults = defaultdict(dict, super().faults_among(members))
        given = set()
        for index, detail in members.items():
            if text := detail.get(self.value):
                if (same := self.sameness_of(text)) in given:
                    faults[index] = {self.value: [_GIVEN], **faults[index]}
                given.add(same)
        return faults

    def row_of(self, detail: Detail) -> dict[str, Any]:
        """Return the columns of a detail, with its key and the team of its record."""
        return {**detail, "key": self.key_of(detail[self.value]) or None, "team_id": team_key()}

    def ask(self, text: str) -> str:
        """Return the key of the value that a filter names."""
        return self.key_of(self.asked.parse(text))

    def condition(self, table: FromClause, operator: str, parameter: str) -> ColumnElement[bool]:
        """Return the condition that any of a record's details has the key."""
        details = self.table.c
        found = select(details.record_id).where(*in_team(self.table), compare(details.key, operator, parameter))
        return table.c.id.in_(found)


class Emails(SoughtDetails):
    """E-mail addresses, which are the same without case."""

    member = EmailSchema
    asked_as = "email"
    value = "address"
    asked = Email()

    def key_of(self, text: str) -> str:
        """Return the address without case."""
        return fold(text)

    def texts_in(self, value: Iterable[Detail]) -> Iterable[str]:
        """Return the addresses."""
        return [detail["address"] for detail in value]


class Phones(SoughtDetails):
    """Phone numbers, which are found by their digits alone."""

    member = PhoneSchema
    asked_as = "phone"
    value = "number"
    asked = Text()

    def key_of(self, text: str) -> str:
        """Return the digits, those of other scripts as 0 to 9."""
        return "".join(str(int(character)) for character in text if character.isdecimal())

    def sameness_of(self, text: str) -> str:
        """Return digits and `+` alone; of what has none the text without case."""
        return "".join("+" if each == "+" else self.key_of(each) for each in text) or fold(text)

    def texts_in(self, value: Iterable[Detail]) -> Iterable[str]:
        """Return the numbers as written, and by digits alone."""
        numbers = [detail["number"] for detail in value]
        return dict.fromkeys((*numbers, *filter(None, map(self.key_of, numbers))))


class Addresses(ContactDetails):
    """Postal addresses, of which each says at least one part."""

    member = AddressSchema

    def parse_member(self, value: Any) -> Detail:
        """Return the values of one address. Raises ValidationError."""
        try:
            detail = super().parse_member(value)
        except ValidationError as error:
            if isinstance(error.messages, dict) and not says_something({**error.messages, **_read_of(error)}):
                error.messages[ITSELF] = [_NOTHING]
            raise
        if not says_something(detail):
            raise ValidationError({ITSELF: [_NOTHING]}, valid_data=detail)
        return detail


def _read_of(error: ValidationError) -> Detail:
    """Return what could be read of a detail that has faults."""
    return dict(error.valid_data or {})
