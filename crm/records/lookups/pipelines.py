"""Pipelines: what records refer to are their stages."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from crm.models import Pipeline, PipelineStage
from crm.records.lookups.referring import Referring
from crm.records.lookups.written import Columns, WrittenLookup
from crm.schemas.collections.stages import Stages
from crm.schemas.lookups import PipelineBody, PipelineSummary


class Pipelines(WrittenLookup):
    """The stages that records go through."""

    model, shown, taken = Pipeline, PipelineSummary, PipelineBody
    has_parts = True

    def prepare(self, row: Columns, values: Mapping[str, Any], *, force: bool) -> None:
        """Raise Refusal (409) if records are in a stage that is left out."""
        if "id" in row and "stages" in values:
            self.referring.require_none(self._stages.removed(row["id"], values["stages"].values()), force=force)

    def release(self, row: Columns, *, force: bool) -> None:
        """Delete the stages of a pipeline. Raises Refusal (409) if records are in one of them."""
        stages = self._stages.removed(row["id"])
        self.referring.require_none(stages, force=force)
        self._stages.rows.remove(stages)

    @cached_property
    def referring(self) -> Referring:
        """The records that refer to stages."""
        return Referring(PipelineStage.__table__)

    @property
    def _stages(self) -> Stages:
        stages: Stages = self.change.fields["stages"]  # type: ignore[assignment]
        return stages
