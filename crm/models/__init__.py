"""The tables, one file for each entity; importing this package makes all of them known to migrations."""

from crm.models.counter import NO_TEAM, Counter
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
from crm.models.organization import Organization
from crm.models.person import Person
from crm.models.team import Membership, Team
from crm.models.user import Token, User

__all__ = [
    "NO_TEAM",
    "Counter",
    "Industry",
    "Label",
    "Lead",
    "LeadSource",
    "Membership",
    "Organization",
    "OrganizationType",
    "Person",
    "Pipeline",
    "PipelineStage",
    "ProductCategory",
    "TaxRate",
    "Team",
    "Timezone",
    "Token",
    "User",
]
