"""What the wire shapes of all records share, and how a request body becomes values for the database."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar, Self

from flask import current_app
from marshmallow import EXCLUDE, Schema
from marshmallow.exceptions import ValidationError
from sqlalchemy import union_all

from crm.database.query import Query
from crm.http.errors import ValidationFailed
from crm.models import Organization, Person, PipelineStage, User
from crm.schemas.collections.base import WrittenCollection
from crm.schemas.field_order import taken_fields
from crm.schemas.fields import INVALID_REFERENCE, Currency, ExternalId, Integer, Timestamp
from crm.schemas.references import OwnerReference, Reference
from crm.schemas.relations import Related
from crm.schemas.summaries import NameSummary, PersonSummary, UserSummary


class BodySchema(Schema):
    """A request body. Fields that it does not know are ignored."""

    class Meta:
        """Options of marshmallow."""

        unknown = EXCLUDE

    def read(self, body: Mapping[str, Any], record_id: int | None = None) -> dict[str, Any]:
        """Return the values of a body, its references resolved to row ids.

        `record_id` is the row id of the record that is updated. Raises ValidationFailed with every fault at once.
        """
        errors: dict[Any, Any] = {}
        try:
            values: dict[str, Any] = self.load(body)
        except ValidationError as error:
            values, errors = dict(error.valid_data), error.normalized_messages()  # type: ignore[arg-type, no-untyped-call]
        self._resolve_references(values, errors)
        for name, field in self.load_fields.items():
            if isinstance(field, WrittenCollection) and name in values:
                try:
                    values[name] = field.resolve(values[name], record_id)
                except ValidationError as error:
                    _merge(errors, {name: error.messages})
        if errors:
            in_order = {name: errors[name] for name, _ in taken_fields(self) if name in errors}
            raise ValidationFailed(errors_by_path(in_order))
        return values

    def _resolve_references(self, values: dict[str, Any], errors: dict[Any, Any]) -> None:
        """Put row ids in the place of ids, all found in one query, and an error where there is no such row."""
        references = {name: field for name, field in self.load_fields.items() if isinstance(field, Reference)}
        names = tuple(name for name in references if values.get(name) is not None)
        if not names:
            return
        if names not in self._lookups:
            self._lookups[names] = Query(union_all(*(references[name].lookup() for name in names)))
        found: dict[str, int] = dict(self._lookups[names].rows(**{name: values[name] for name in names}))
        for name in names:
            if name in found:
                values[name] = found[name]
            else:
                errors[name] = [INVALID_REFERENCE]

    @cached_property
    def _lookups(self) -> dict[tuple[str, ...], Query]:
        """Return the queries made so far, by the references that they find."""
        return {}


class RecordSchema(BodySchema):
    """What every record shows and takes."""

    is_record: ClassVar[bool] = True

    id = ExternalId()
    owner = Related(User, UserSummary, key="user_owner_id")
    user_owner_id = OwnerReference()
    version = Integer(dump_only=True)
    created_at = Timestamp(dump_only=True)
    updated_at = Timestamp(dump_only=True)
    deleted_at = Timestamp(dump_only=True)

    @classmethod
    def for_update(cls) -> Self:
        """Return the schema of a partial update: absent fields keep their values, POST-only ones are ignored."""
        fields = cls().load_fields
        create_only = [name for name, field in fields.items() if getattr(field, "create_only", False)]
        return cls(partial=tuple(fields), exclude=create_only)


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


def errors_by_path(errors: Mapping[Any, Any], prefix: str = "") -> dict[str, list[str]]:
    """Return marshmallow's nested errors keyed by the dotted path of their field, which each sentence names."""
    flat: dict[str, list[str]] = {}
    for key, value in errors.items():
        path = f"{prefix}{key}"
        if isinstance(value, Mapping):
            flat |= errors_by_path(value, f"{path}.")
        else:
            flat[path] = [sentence.replace(":field", path) for sentence in value]
    return flat


def _merge(errors: dict[Any, Any], more: Mapping[Any, Any]) -> None:
    for key, value in more.items():
        if isinstance(value, Mapping):
            _merge(errors.setdefault(key, {}), value)
        else:
            errors[key] = value
