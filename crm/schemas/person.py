"""The wire shape of people."""

from crm.models import Person
from crm.models.person import person_labels
from crm.schemas.base import RecordSchema, WithOrganization
from crm.schemas.collections.labels import Labels
from crm.schemas.fields import Day, FullName, Text


class PersonSchema(WithOrganization, RecordSchema):
    """A person."""

    model = Person

    title = Text(max_length=255)
    first_name = Text(required=True, max_length=255)
    middle_name = Text(max_length=255)
    last_name = Text(max_length=255)
    name = FullName()
    gender = Text(max_length=50)
    birthday = Day()
    description = Text()
    labels = Labels(person_labels)
