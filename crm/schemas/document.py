"""What the wire shapes of quotes, orders and invoices share."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from marshmallow.exceptions import ValidationError

from crm.http.errors import Overtaken
from crm.models import Deal, Lead
from crm.schemas.base import RecordSchema, WithCurrency, WithOrganization, WithPerson
from crm.schemas.collections.computed_lines import COMPUTE_TOTALS, complete_lines, require_whole_lines
from crm.schemas.computing import BEARING, COMPUTED, JUDGED_BY, PresentDocument, PresentDocuments, work_out
from crm.schemas.fields import Boolean, Money, Text
from crm.schemas.reading import Reading
from crm.schemas.references import Reference
from crm.schemas.relations import Related
from crm.schemas.summaries import DealSummary, LeadSummary

COPIES_NOTHING = "A link alone: nothing is copied."
COMPUTED_OR_KEPT = "Whether subtotal, tax and total are worked out at every write; those of bodies are then ignored."


class DocumentSchema(WithOrganization, WithPerson, WithCurrency, RecordSchema):
    """A document; its totals are in dollars, may be negative, and are kept as sent unless they are worked out."""

    reference = Text(max_length=255)
    terms = Text()
    subtotal = Money()
    tax = Money()
    total = Money()
    compute_totals = Boolean(load_default=False, metadata={"description": COMPUTED_OR_KEPT})

    def require_as_judged(self, record: Mapping[str, Any], values: Mapping[str, Any]) -> None:
        """Raise Overtaken if a locked document was changed meanwhile, and its totals are worked out."""
        computed = values.get(COMPUTE_TOTALS) or record[COMPUTE_TOTALS]
        if computed and values.get(JUDGED_BY, record["version"]) != record["version"]:
            raise Overtaken

    def _load_all(self, bodies: Sequence[Mapping[str, Any]], record_ids: Sequence[int | None]) -> list[Reading]:
        """Read bodies as what they are for their documents, whose values count where a body names none."""
        both = [*zip(bodies, record_ids, strict=True)]
        present = self._present.find(record_id for body, record_id in both if not BEARING.isdisjoint(body))
        return [self._load_for(body, record_id, present.get(record_id)) for body, record_id in both]

    def _load_for(self, body: Mapping[str, Any], record_id: int | None, present: PresentDocument | None) -> Reading:
        if computed := self._has_computed_totals(body, present):
            given = {name: value for name, value in body.items() if name not in COMPUTED}
            body = {**given, COMPUTE_TOTALS: True}
        reading = self._load(body, record_id)
        if present:
            reading.values[JUDGED_BY] = present.version
            if computed:
                kept = {name: value for name, value in present.counting.items() if name not in reading.faults}
                reading.values = {**kept, **reading.values}
        return reading

    def _has_computed_totals(self, body: Mapping[str, Any], present: PresentDocument | None) -> bool:
        """Tell whether the totals of a document are worked out once it has taken a body."""
        try:
            given = self.fields[COMPUTE_TOTALS].deserialize(body.get(COMPUTE_TOTALS))
        except ValidationError:
            return False
        return given if isinstance(given, bool) else present is not None and present.is_computed

    def _complete(self, readings: Sequence[Reading]) -> None:
        """Work out totals, as far as they are to be, and all is there that they depend on."""
        if self.is_for_copy:
            return
        computed = [reading for reading in readings if reading.values.get(COMPUTE_TOTALS)]
        work_out(computed, self.fields["tax_breakdown"].charged_by)  # type: ignore[attr-defined]

    def settle(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values of a document that is made of another one, with its totals if they are to be worked out.

        Raises ValidationFailed also if they are not, and lines leave out what only then they may.
        """
        reading = Reading(dict(values))
        if reading.values.get(COMPUTE_TOTALS):
            complete_lines([reading], "line_items", {})
            work_out([reading], lambda _: {})
        else:
            require_whole_lines(reading, "line_items")
        return reading.accepted()

    @cached_property
    def _present(self) -> PresentDocuments:
        return PresentDocuments(self.model)


class OfferSchema(DocumentSchema):
    """A quote or an order; what it came from can be said only when it is made."""

    description = Text()
    discount = Money()
    adjustments = Money()
    lead_id = Reference(Lead, create_only=True)
    lead = Related(Lead, LeadSummary, key="lead_id")
    deal_id = Reference(Deal, create_only=True)
    deal = Related(Deal, DealSummary, key="deal_id")
