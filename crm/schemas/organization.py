"""The wire shape of organizations."""

from crm.models import Industry, Organization, OrganizationType, Timezone
from crm.models.organization import (
    organization_addresses,
    organization_emails,
    organization_labels,
    organization_phones,
)
from crm.schemas.base import RecordSchema
from crm.schemas.collections.contact_details import Addresses, Emails, Phones
from crm.schemas.collections.labels import Labels
from crm.schemas.fields import Integer, Money, Text
from crm.schemas.relations import ShownNumber


class OrganizationSchema(RecordSchema):
    """An organization; `annual_revenue` and `total_money_raised` are in dollars."""

    model = Organization
    called_by = ("name",)

    name = Text(required=True, max_length=255)
    description = Text()
    vat_number = Text(max_length=255)
    linkedin = Text(max_length=255)
    number_of_employees = Integer(min=0)
    annual_revenue = Money(min=0)
    total_money_raised = Money(min=0)
    organization_type_id = ShownNumber(OrganizationType)
    industry_id = ShownNumber(Industry)
    timezone_id = ShownNumber(Timezone)
    emails = Emails(organization_emails)
    phones = Phones(organization_phones)
    addresses = Addresses(organization_addresses)
    labels = Labels(organization_labels)
