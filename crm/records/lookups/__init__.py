"""The look-up tables, each declared in three lines."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement

from crm.access.scope import assignable_users
from crm.models import Industry, Label, LeadSource, OrganizationType, ProductCategory, Timezone, User
from crm.records.lookups.base import Lookup
from crm.records.lookups.pipelines import Pipelines
from crm.records.lookups.tax_rates import TaxRates
from crm.records.lookups.written import WrittenLookup
from crm.schemas.lookups import LabelBody, LookupBody
from crm.schemas.summaries import LabelSummary, NameSummary, NumberedSummary, UserSummary

__all__ = ["LOOKUPS", "Lookup", "Users", "WrittenLookup"]


class Labels(WrittenLookup):
    """Coloured tags of records."""

    model, shown, taken = Label, LabelSummary, LabelBody


class LeadSources(WrittenLookup):
    """Where leads come from."""

    model, shown, taken = LeadSource, NameSummary, LookupBody


class ProductCategories(WrittenLookup):
    """Groups of products."""

    model, shown, taken = ProductCategory, NameSummary, LookupBody


class OrganizationTypes(WrittenLookup):
    """Legal forms of organizations."""

    model, shown, taken = OrganizationType, NumberedSummary, LookupBody


class Industries(WrittenLookup):
    """What organizations do."""

    model, shown, taken = Industry, NumberedSummary, LookupBody


class Timezones(Lookup):
    """The time zones of IANA, which nobody changes."""

    model, shown = Timezone, NumberedSummary


LOOKUPS: tuple[type[Lookup], ...] = (
    Labels,
    LeadSources,
    Pipelines,
    ProductCategories,
    TaxRates,
    OrganizationTypes,
    Industries,
    Timezones,
)
"""Every look-up table."""


class Users(Lookup):
    """Who can own records."""

    model, shown = User, UserSummary

    def conditions(self) -> Sequence[ColumnElement[bool]]:
        """Return what holds for a user who can."""
        return assignable_users()
