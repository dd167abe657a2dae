"""The examples of parts of records: what is sent to add one, and how it is shown."""

from typing import NamedTuple

from crm.openapi.examples.world import CALLER, MOMENT, example_id
from crm.openapi.forms import Json


class PartExample(NamedTuple):
    """A part as it is sent, where it can be added, and as it is shown."""

    shown: Json
    sent: Json = {}  # noqa: RUF012 (nothing changes it)


_PAYMENT = {"amount": 1000.0, "paid_at": MOMENT, "method": "Bank transfer", "reference": "2026-0302"}

PARTS: dict[str, PartExample] = {
    "payments": PartExample(
        {
            "id": example_id("payments"),
            **_PAYMENT,
            "user": {"id": CALLER["id"], "name": CALLER["name"]},
            "created_at": MOMENT,
        },
        _PAYMENT,
    ),
}
"""By the names of the parts."""
