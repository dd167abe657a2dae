"""The stages of a pipeline."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from sqlalchemy import select

from crm.access.scope import visible
from crm.database.functions import any_of, fold
from crm.database.projection import Projection
from crm.database.query import Query
from crm.models import PipelineStage
from crm.schemas.base import BodySchema
from crm.schemas.collections.arrays import Index
from crm.schemas.collections.base import WrittenArray
from crm.schemas.collections.stage_rows import Stage, StageRows
from crm.schemas.field_order import shown_fields
from crm.schemas.fields import INVALID_REFERENCE, ExternalId, Text
from crm.schemas.reading import Reading
from crm.schemas.summaries import NameSummary

REPEATED = "The :field has already been given."


class StageSchema(BodySchema):
    """One stage."""

    id = ExternalId(dump_only=False)
    name = Text(required=True, max_length=255)


class Stages(WrittenArray):
    """The stages of a pipeline, in their order, sent whole. One with the `id` of one of them stays that one."""

    max_items = 50

    def __init__(self) -> None:
        super().__init__(PipelineStage.__table__)

    def parse_member(self, value: Any) -> Stage:
        """Return the values of one stage. Raises ValidationError."""
        if not isinstance(value, Mapping):
            raise self.make_error("array")
        stage: Stage = self._stage_schema.load(value)
        return stage

    def resolve(self, readings: Sequence[Reading]) -> None:
        """Put the row ids of the pipelines' own stages beside their UUIDs; refuse others, and names given twice."""
        name = str(self.name)
        own = self.rows.present_in([reading.record_id for reading in readings if reading.record_id])
        for reading in readings:
            stages: dict[Index, Stage] = reading.values[name]
            if faults := _faults(stages, {key for pipeline_id, key in own if pipeline_id == reading.record_id}):
                reading.refuse({name: faults})
            for stage in stages.values():
                stage["row_id"] = own.get((reading.record_id or 0, stage.get("external_id") or ""))

    def write(self, stages_of: Mapping[int, dict[Index, Stage]], *, new: bool) -> set[int]:
        """Make these the stages of pipelines, by the pipelines' row ids."""
        for pipeline_id, stages in stages_of.items():
            self.rows.write(pipeline_id, [*stages.values()])
        return {*stages_of}

    def removed(self, pipeline_id: int, kept: Iterable[Stage] = ()) -> list[int]:
        """Return the row ids of the stages of a pipeline that are not among those which it keeps."""
        return [*{*self.rows.present_in([pipeline_id]).values()} - {stage["row_id"] for stage in kept}]

    @cached_property
    def rows(self) -> StageRows:
        """The table of stages."""
        return StageRows()

    @cached_property
    def _stage_schema(self) -> StageSchema:
        """Return the schema of a stage, whose `id` is ignored in a new pipeline."""
        updates = self.root is not None and self.root.partial
        return StageSchema() if updates else StageSchema(exclude=("id",))

    @cached_property
    def _query(self) -> tuple[Query, Projection]:
        stages = Projection(shown_fields(NameSummary()), PipelineStage.__table__)
        statement = select(*stages.columns, PipelineStage.pipeline_id).where(
            *visible(PipelineStage), any_of(PipelineStage.pipeline_id, "record_ids")
        )
        return Query(statement.order_by(PipelineStage.position, PipelineStage.id)), stages


def _faults(stages: Mapping[Index, Stage], own: set[str]) -> dict[Index, dict[str, list[str]]]:
    """Return what is wrong with stages: an id that is none of the pipeline's `own`, an id or a name given twice."""
    faults: dict[Index, dict[str, list[str]]] = {}
    keys, names = set(own), set[str]()
    for index, stage in stages.items():
        key, name = stage.get("external_id"), fold(stage.get("name") or "")
        if key and key not in keys:
            faults.setdefault(index, {})["id"] = [INVALID_REFERENCE]
        if name and name in names:
            faults.setdefault(index, {})["name"] = [REPEATED]
        keys.discard(key or "")
        names.add(name)
    return faults
