"""The wire shape of pipelines; the other look-up rows are shown by their summaries."""

from crm.schemas.collections.stages import Stages
from crm.schemas.fields import Text
from crm.schemas.summaries import NameSummary


class PipelineSummary(NameSummary):
    """A pipeline: the resource whose records go through it, and its stages."""

    resource = Text()
    stages = Stages()
