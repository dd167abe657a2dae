"""The tables, one file for each entity; importing this package makes all of them known to migrations."""

from crm.models.base import Record
from crm.models.change import Change, PrunedChanges
from crm.models.counter import NO_TEAM, Counter
from crm.models.deal import Deal
from crm.models.external_key import ExternalKey
from crm.models.invoice import Invoice
from crm.models.kept_answer import KeptAnswer
from crm.models.lead import Lead
from crm.models.lookups import (
    Industry,
    Label,
    LeadSource,
    OrganizationType,
    Pipeline,
    PipelineStage,
    ProductCategory,
    TaxRate,
    Timezone,
)
from crm.models.order import Order
from crm.models.organization import Organization, organization_emails, organization_phones
from crm.models.payment import Payment
from crm.models.person import Person, person_emails, person_phones
from crm.models.product import Product, ProductPrice
from crm.models.quote import Quote
from crm.models.team import Membership, Team
from crm.models.user import Token, User
from crm.models.webhook import Webhook, WebhookDelivery, WebhookSecret

RECORDS: tuple[type[Record], ...] = tuple(
    sorted(
        (mapper.class_ for mapper in Record.registry.mappers if issubclass(mapper.class_, Record)),
        key=lambda model: model.__tablename__,
    )
)
"""The tables of the resources."""

SOUGHT_DETAILS = (organization_emails, organization_phones, person_emails, person_phones)
"""The tables of the contact details by which records are found."""

__all__ = [
    "NO_TEAM",
    "RECORDS",
    "SOUGHT_DETAILS",
    "Change",
    "Counter",
    "Deal",
    "ExternalKey",
    "Industry",
    "Invoice",
    "KeptAnswer",
    "Label",
    "Lead",
    "LeadSource",
    "Membership",
    "Order",
    "Organization",
    "OrganizationType",
    "Payment",
    "Person",
    "Pipeline",
    "PipelineStage",
    "Product",
    "ProductCategory",
    "ProductPrice",
    "PrunedChanges",
    "Quote",
    "TaxRate",
    "Team",
    "Timezone",
    "Token",
    "User",
    "Webhook",
    "WebhookDelivery",
    "WebhookSecret",
]
