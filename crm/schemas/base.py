"""What the wire shapes of all records share, and how a request body becomes values for the database."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, ClassVar, Self

from flask import current_app
from marshmallow import EXCLUDE, Schema
from marshmallow.exceptions import ValidationError

from crm.models import Organization, Person, PipelineStage, User
from crm.models.base import Record
from crm.schemas.collections.base import WrittenCollection
from crm.schemas.collections.external_keys import ExternalKeys
from crm.schemas.field_order import taken_fields
from crm.schemas.fields import Currency, ExternalId, Integer, Timestamp
from crm.schemas.reading import Faults, Reading
from crm.schemas.references import OwnerReference, Reference, References
from crm.schemas.relations import Related
from crm.schemas.summaries import NameSummary, PersonSummary, UserSummary


class BodySchema(Schema):
    """A request body. Fields that it does not know are ignored."""

    class Meta:
        """Options of marshmallow."""

        unknown = EXCLUDE

    @classmethod
    def for_update(cls) -> Self:
        """Return the schema of a partial update: absent fields keep their values, POST-only ones are ignored."""
        fields = cls().load_fields
        create_only = [name for name, field in fields.items() if getattr(field, "create_only", False)]
        return cls(partial=tuple(fields), exclude=create_only)

    def read(self, body: Mapping[str, Any], record_id: int | None = None) -> dict[str, Any]:
        """Return the values of a body, its references resolved to row ids.

        `record_id` is the row id of the record that is updated. Raises ValidationFailed with every fault at once.
        """
        return self.reading(body, record_id).accepted()

    def reading(self, body: Mapping[str, Any], record_id: int | None = None) -> Reading:
        """Read a body as `read` does, and return what has come of it, faults included."""
        (reading,) = self.read_all([body], [record_id])
        return reading

    def read_all(self, bodies: Iterable[Mapping[str, Any]], record_ids: Iterable[int | None]) -> list[Reading]:
        """Read many bodies as `read` does, each for its record; references of one kind take one query for all."""
        readings = self._load_all([*bodies], [*record_ids])
        self._references.resolve(readings)
        for name, field in self.load_fields.items():
            if isinstance(field, WrittenCollection) and (given := [each for each in readings if name in each.values]):
                field.resolve(given)
        self._complete(readings)
        for reading in readings:
            if reading.faults:
                reading.faults = self._in_order(reading.faults)
        return readings

    def _load_all(self, bodies: Sequence[Mapping[str, Any]], record_ids: Sequence[int | None]) -> list[Reading]:
        """Return what can be read of bodies by themselves."""
        return [self._load(body, record_id) for body, record_id in zip(bodies, record_ids, strict=True)]

    def _complete(self, readings: Sequence[Reading]) -> None:
        """Work out what follows from values whose references are resolved: by default nothing."""

    def _load(self, body: Mapping[str, Any], record_id: int | None) -> Reading:
        try:
            return Reading(self.load(body), record_id=record_id)
        except ValidationError as error:
            return Reading(dict(error.valid_data), error.normalized_messages(), record_id)  # type: ignore[arg-type, no-untyped-call]

    def _in_order(self, faults: Faults) -> Faults:
        """Return faults in the order of the fields; names that the body should not have come last."""
        names = dict.fromkeys((*(name for name, _ in taken_fields(self)), *faults))
        return {name: faults[name] for name in names if name in faults}

    @cached_property
    def _references(self) -> References:
        return References(self.load_fields)


class RecordSchema(BodySchema):
    """What every record shows and takes."""

    is_record: ClassVar[bool] = True
    model: ClassVar[type[Record]]
    """Whose rows it shows and takes."""
    called_by: ClassVar[tuple[str, ...]]
    """The fields by which people know a record: its number, its title or name."""
    is_for_new: bool = True
    """Whether the bodies that it takes are those of new records."""
    is_for_copy: bool = False
    """Whether what a body leaves out is taken from another record."""

    id = ExternalId()
    owner = Related(User, UserSummary, key="user_owner_id")
    user_owner_id = OwnerReference()
    external_keys = ExternalKeys()
    version = Integer(dump_only=True)
    created_at = Timestamp(dump_only=True)
    updated_at = Timestamp(dump_only=True)
    deleted_at = Timestamp(dump_only=True)

    def require_as_judged(self, record: Mapping[str, Any], values: Mapping[str, Any]) -> None:
        """Raise Overtaken if a locked record, by its columns, is not what its new values were judged by.

        By default they were judged by nothing of it.
        """

    @classmethod
    def for_update(cls) -> Self:
        """Return the schema of a partial update: absent fields keep their values, POST-only ones are ignored."""
        schema = super().for_update()
        schema.is_for_new = False
        return schema

    @classmethod
    def for_copy(cls, fixed: str) -> Self:
        """Return the schema of a record that is made of another one: what is absent is taken from there.

        One field is `fixed`: it is ignored.
        """
        schema = cls(partial=tuple(cls().load_fields), exclude=(fixed,))
        schema.is_for_copy = True
        return schema

    def settle(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values of a record that is made of another one, with what follows from them: by default nothing.

        Raises ValidationFailed if there can be no such record.
        """
        return dict(values)


class WithOrganization:
    """The fields of a record that may belong to an organization."""

    organization_id = Reference(Organization)
    organization = Related(Organization, NameSummary, key="organization_id")


class WithPerson:
    """The fields of a record that may belong to a person."""

    person_id = Reference(Person)
    person = Related(Person, PersonSummary, key="person_id")


class WithCurrency:
    """The currency of a record's money; the installation's own where the client names none."""

    currency = Currency(load_default=lambda: current_app.config["DEFAULT_CURRENCY"])


class WithStage:
    """What is shown of a record that goes through the stages of a pipeline; its schema says which it takes."""

    pipeline_stage = Related(PipelineStage, NameSummary, key="pipeline_stage_id")
