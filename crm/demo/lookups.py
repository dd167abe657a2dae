"""The users and look-up rows that sample data refers to, as a request of its team would see them."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import click
from sqlalchemy import select

from crm.access.scope import assignable_users, visible
from crm.database.query import Query
from crm.models import (
    Industry,
    Label,
    LeadSource,
    OrganizationType,
    Pipeline,
    PipelineStage,
    ProductCategory,
    TaxRate,
    Timezone,
    User,
)
from crm.schemas.lookups import STAGED

_NAMED: tuple[Any, ...] = (Industry, Label, LeadSource, OrganizationType, ProductCategory, Timezone)


class Stages(NamedTuple):
    """The row ids of a pipeline's stages: the last is for what was lost, the one before it for what was won."""

    under_way: Sequence[int]
    won: int
    lost: int


class Lookups(NamedTuple):
    """Row ids: of owners (None if no user may own), of rows by table and name, of stages by resource."""

    owners: Sequence[int | None]
    named: dict[Any, dict[str, int]]
    stages: dict[str, Stages]
    tax_rates: Sequence[tuple[int, int]]
    """Row ids with rates in ten-thousandths of a percent."""

    def ids(self, model: Any) -> Sequence[int]:
        """Return the row ids of a look-up table."""
        return list(self.named[model].values())


def read_lookups() -> Lookups:
    """Return what the team of `g.team_id` may refer to. Raises ClickException if look-up rows are missing."""
    named = {model: _ids_by_name(model) for model in _NAMED}
    tax_rates = Query(select(TaxRate.id, TaxRate.rate).where(*visible(TaxRate)).order_by(TaxRate.id)).rows()
    stages = _read_stages()
    found = {
        **{model.__tablename__: rows for model, rows in named.items()},
        "tax_rates": tax_rates,
        **{f"pipeline_stages of {resource}": stages.get(resource) for resource in STAGED},
    }
    if missing := [name for name, rows in found.items() if not rows]:
        advice = "run `flask crm seed`, or add some where they were deleted."
        raise click.ClickException(f"Look-up rows are missing ({', '.join(missing)}): {advice}")
    owners = Query(select(User.id).where(*assignable_users()).order_by(User.id)).rows()
    return Lookups([row[0] for row in owners] or [None], named, stages, [(row[0], row[1]) for row in tax_rates])


def _ids_by_name(model: Any) -> dict[str, int]:
    return dict(Query(select(model.name, model.id).where(*visible(model)).order_by(model.id)).rows())


def _read_stages() -> dict[str, Stages]:
    """Return the stages of each resource's first pipeline that has enough of them."""
    statement = select(Pipeline.resource, Pipeline.id, PipelineStage.id)
    statement = statement.join(PipelineStage, PipelineStage.pipeline_id == Pipeline.id)
    statement = statement.where(*visible(Pipeline), *visible(PipelineStage))
    pipelines: dict[tuple[str, int], list[int]] = {}
    for resource, pipeline_id, stage_id in Query(
        statement.order_by(Pipeline.id, PipelineStage.position, PipelineStage.id)
    ).rows():
        pipelines.setdefault((resource, pipeline_id), []).append(stage_id)
    stages: dict[str, Stages] = {}
    for (resource, _), (*under_way, won, lost) in ((key, ids) for key, ids in pipelines.items() if len(ids) > 2):
        stages.setdefault(resource, Stages(under_way, won, lost))
    return stages
