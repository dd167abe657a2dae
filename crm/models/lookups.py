"""Look-up tables: rows of one team, or shared by all where `team_id` is null."""

from typing import Any, ClassVar

from sqlalchemy import ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from crm.database.functions import fold
from crm.extensions import db
from crm.models.base import Identified, OfTeam, unique_by_team
from crm.models.types import PrimaryKey

_LIVE = "deleted_at IS NULL"


def _fold_name(context: Any) -> str:
    return fold(context.get_current_parameters()["name"])


class Named(OfTeam):
    """A look-up row: it has a name, and a row without a team is for every team.

    No two live rows of a team, or of those that all teams share, have names that differ in case alone.
    """

    shared_without_team = True
    unique_within: ClassVar[tuple[str, ...]] = ()
    """The columns of equal value among whose rows names are unique."""

    name: Mapped[str] = mapped_column(String(255))
    folded_name: Mapped[str | None] = mapped_column(Text, default=_fold_name)
    """The name without case, by which it is unique: written with it. None in a row added by hand, which is not judged.

    It is a column since the two stores fold alike in Python alone, and SQLite would keep an index on a function of
    ours from whoever has not got it, such as its own shell.
    """

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Index, ...]:
        return unique_by_team(cls.__tablename__, *cls.unique_within, "folded_name", among=_LIVE)  # type: ignore[attr-defined]


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
    unique_within = ("resource",)

    resource: Mapped[str] = mapped_column(String(50))


class PipelineStage(Identified, Named, db.Model):  # type: ignore[name-defined, misc]
    """One step of a pipeline."""

    __tablename__ = "pipeline_stages"
    unique_within = ("pipeline_id",)

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

    @declared_attr.directive
    @classmethod
    def __table_args__(cls) -> tuple[Index, ...]:
        one_default = unique_by_team(cls.__tablename__, "default", among=f'"default" AND {_LIVE}')
        return (*super().__table_args__, *one_default)


class OrganizationType(Numbered, db.Model):  # type: ignore[name-defined, misc]
    """The legal form of an organization."""

    __tablename__ = "organization_types"


class Industry(Numbered, db.Model):  # type: ignore[name-defined, misc]
    """What an organization does."""

    __tablename__ = "industries"


class Timezone(Numbered, db.Model):  # type: ignore[name-defined, misc]
    """A time zone of the IANA database."""

    __tablename__ = "timezones"
