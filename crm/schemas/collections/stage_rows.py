"""Writing the rows of stages: which of a pipeline's stages stay, change, come and go."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from crm.access import acting
from crm.access.scope import visible
from crm.database.functions import any_of, fold
from crm.database.query import Query
from crm.models import PipelineStage
from crm.models.types import new_external_id, now

Stage = dict[str, Any]
"""A stage as it is given: its `name`, perhaps an `external_id`, and the `row_id` of the one that it stays, if any."""

_STAGES = PipelineStage.__table__
_CHANGED = ("name", "folded_name", "position")
_ADDED = (*_CHANGED, "external_id", "pipeline_id", "team_id")


class StageRows:
    """The table of stages, written within the caller's transaction, in which nobody else writes its pipelines."""

    def write(self, pipeline_id: int, stages: Sequence[Stage]) -> None:
        """Make these the stages of a pipeline, in this order.

        Those that stay give up their names first: two may change theirs with each other.
        """
        rows = [_columns(stage, position) for position, stage in enumerate(stages, 1)]
        kept = [row for row in rows if row["row_id"]]
        present = self.present_in([pipeline_id]).values()
        self.remove([*{*present} - {row["row_id"] for row in kept}])
        self._release.execute(row_ids=[row["row_id"] for row in kept])
        self._change.execute_each(kept)
        own = {"pipeline_id": pipeline_id, "team_id": acting.team_id()}
        self._addition.execute_each(
            [{**row, **own, "external_id": new_external_id()} for row in rows if row["row_id"] is None]
        )

    def present_in(self, pipeline_ids: list[int]) -> dict[tuple[int, str], int]:
        """Return the row ids of the live stages of pipelines, by row id of the pipeline and UUID of the stage."""
        rows = self._of_pipelines.typed_rows(pipeline_ids=pipeline_ids)
        return {(pipeline_id, key): row_id for pipeline_id, key, row_id in rows}

    def remove(self, row_ids: list[int]) -> None:
        """Soft-delete stages."""
        self._removal.execute(row_ids=row_ids, deleted_at=now())

    @cached_property
    def _of_pipelines(self) -> Query:
        columns = (PipelineStage.pipeline_id, PipelineStage.external_id, PipelineStage.id)
        of_pipelines = any_of(PipelineStage.pipeline_id, "pipeline_ids")
        return Query(select(*columns).where(*visible(PipelineStage), of_pipelines))

    @cached_property
    def _release(self) -> Query:
        return Query(update(_STAGES).where(any_of(_STAGES.c.id, "row_ids")).values(folded_name=None))

    @cached_property
    def _removal(self) -> Query:
        return Query(update(_STAGES).where(any_of(_STAGES.c.id, "row_ids")), ("deleted_at",))

    @cached_property
    def _change(self) -> Query:
        return Query(update(_STAGES).where(_STAGES.c.id == bindparam("row_id")), _CHANGED)

    @cached_property
    def _addition(self) -> Query:
        return Query(insert(_STAGES), _ADDED)


def _columns(stage: Stage, position: int) -> dict[str, Any]:
    name = stage["name"]
    return {"row_id": stage["row_id"], "name": name, "folded_name": fold(name), "position": position}
