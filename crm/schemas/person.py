"""The wire shape of people."""

from crm.models import Person
from crm.models.person import person_addresses, person_emails, person_labels, person_phones
from crm.schemas.base import RecordSchema, WithOrganization
from crm.schemas.collections.contact_details import Addresses, Emails, Phones
from crm.schemas.collections.labels import Labels
from crm.schemas.fields import Day, FullName, Text


class PersonSchema(WithOrganization, RecordSchema):
    """A person."""

    model = Person
    called_by = ("name",)

    title = Text(max_length=255)
    first_name = Text(required=True, max_length=255)
    middle_name = Text(max_length=255)
    last_name = Text(max_length=255)
    name = FullName()
    gender = Text(max_length=50)
    birthday = Day()
    description = Text()
    emails = Emails(person_emails)
    phones = Phones(person_phones)
    addresses = Addresses(person_addresses)
    labels = Labels(person_labels)
