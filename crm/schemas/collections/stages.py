"""The stages of a pipeline."""

from functools import cached_property

from sqlalchemy import select

from crm.access.scope import visible
from crm.database.functions import any_of
from crm.database.projection import Projection
from crm.database.query import Query
from crm.models import PipelineStage
from crm.schemas.collections.base import Collection
from crm.schemas.field_order import shown_fields
from crm.schemas.summaries import NameSummary


class Stages(Collection):
    """The stages of a pipeline, in their order."""

    @cached_property
    def _query(self) -> tuple[Query, Projection]:
        stages = Projection(shown_fields(NameSummary()), PipelineStage.__table__)
        statement = select(*stages.columns, PipelineStage.pipeline_id).where(
            *visible(PipelineStage), any_of(PipelineStage.pipeline_id, "record_ids")
        )
        return Query(statement.order_by(PipelineStage.position, PipelineStage.id)), stages
