"""Look-up tables: rows of one team, or shared by all where `team_id` is null."""

from sqlalchemy import ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from crm.extensions import db
from crm.models.base import Identified, OfTeam
from crm.models.types import PrimaryKey


class Named(OfTeam):
    """A look-up row: it has a name, and a row without a team is for every team."""

    shared_without_team = True

    name: Mapped[str] = mapped_column(String(255))


class Numbered(Named):
    """A look-up row that clients know by its integer id."""

    id: Mapped[int] = mapped_column(PrimaryKey, primary_key=True)


class Label(Identified, Named, db.Model):  # type: ignore[name-defined, misc]
    """A coloured tag; `hex` is six hex digits in lower case."""

    __tablename__ = "labels"

    hex: Mapped[str] = mapped_column(String(6))


class LeadSource(Identified, Named, db.Model):  # type: ignore[name-defined, misc]
    """Where leads come from."""

    __tablename__ = "lead_sources"


class Pipeline(Identified, Named, db.Model):  # type: ignore[name-defined, misc]
    """The stages that records of one resource go through."""

    __tablename__ = "pipelines"

    resource: Mapped[str] = mapped_column(String(50))


class PipelineStage(Identified, Named, db.Model):  # type: ignore[name-defined, misc]
    """One step of a pipeline."""

    __tablename__ = "pipeline_stages"

    pipeline_id: Mapped[int] = mapped_column(ForeignKey("pipelines.id"), index=True)
    position: Mapped[int] = mapped_column(Integer)


class ProductCategory(Identified, Named, db.Model):  # type: ignore[name-defined, misc]
    """A group of products."""

    __tablename__ = "product_categories"


class TaxRate(Numbered, db.Model):  # type: ignore[name-defined, misc]
    """A rate of sales tax, in ten-thousandths of a percent: 10 % is 100000."""

    __tablename__ = "tax_rates"

    rate: Mapped[int] = mapped_column(Integer)
    default: Mapped[bool]


class OrganizationType(Numbered, db.Model):  # type: ignore[name-defined, misc]
    """The legal form of an organization."""

    __tablename__ = "organization_types"


class Industry(Numbered, db.Model):  # type: ignore[name-defined, misc]
    """What an organization does."""

    __tablename__ = "industries"


class Timezone(Numbered, db.Model):  # type: ignore[name-defined, misc]
    """A time zone of the IANA database."""

    __tablename__ = "timezones"
