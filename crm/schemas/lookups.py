"""The wire shapes of look-up rows: what is taken of each kind, and how pipelines and tax rates are shown.

The other kinds are shown by their summaries.
"""

from sqlalchemy import ColumnElement, FromClause, and_, or_, select

from crm.access.scope import visible
from crm.database.projection import Projection
from crm.models import TaxRate
from crm.schemas.base import BodySchema
from crm.schemas.collections.stages import Stages
from crm.schemas.fields import Boolean, Choice, Colour, OneOf, Percent, Reader, Text
from crm.schemas.summaries import NameSummary, NumberedSummary

GREY = "6b7280"
"""The colour of a label that is given none."""
STAGED = ("leads", "deals", "quotes")
"""The resources whose records go through the stages of a pipeline."""


class LookupBody(BodySchema):
    """What every look-up row takes."""

    name = Text(required=True, max_length=255)


class LabelBody(LookupBody):
    """What a label takes."""

    hex = Colour(load_default=GREY, keep_on_null=True)


class PipelineBody(LookupBody):
    """What a pipeline takes."""

    resource = Choice(*STAGED, required=True, create_only=True)
    stages = Stages()


class TaxRateBody(LookupBody):
    """What a tax rate takes: `rate` is in percent."""

    rate = Percent(required=True, min=0)
    default = Boolean(load_default=False)


class PipelineSummary(NameSummary):
    """A pipeline: the resource whose records go through it, and its stages."""

    resource = OneOf(STAGED)
    stages = Stages()


class DefaultInTeam(Boolean):
    """Whether a rate is the default one for the team: one of its own wins over the one that all teams share."""

    def project(self, projection: Projection, table: FromClause) -> Reader:
        """Return the reader of whether it is."""
        position = projection.add(_is_default(table))
        return lambda row: bool(row[position])


class TaxRateSummary(NumberedSummary):
    """A tax rate in percent."""

    rate = Percent()
    default = DefaultInTeam()


def _is_default(table: FromClause) -> ColumnElement[bool]:
    own = select(TaxRate.id).where(*visible(TaxRate), TaxRate.team_id.is_not(None), TaxRate.default.is_(True))
    return and_(table.c.default, or_(table.c.team_id.is_not(None), ~own.correlate(None).exists()))
