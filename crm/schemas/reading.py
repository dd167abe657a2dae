"""Bodies on their way to values for the database: what has been read of them, and every fault found so far."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crm.http.errors import ValidationFailed

_LONGEST_SHOWN = 80  # characters

Faults = dict[Any, Any]
"""Sentences by the place of a value, nested as the values are; the sentences name it `:field`. ITSELF is the place of
what holds the others."""

ITSELF = None
"""No name that a client sends."""


@dataclass(slots=True)
class Reading:
    """One body: its values by the names of the fields, as far as they could be read, and its faults."""

    values: dict[str, Any]
    faults: Faults = field(default_factory=dict)
    record_id: int | None = None
    """The row id of the record that is to be changed, None for a new one."""

    def accepted(self) -> dict[str, Any]:
        """Return the values. Raises ValidationFailed with every fault at once."""
        if self.faults:
            raise ValidationFailed(errors_by_path(self.faults))
        return self.values

    def refuse(self, faults: Mapping[Any, Any]) -> None:
        """Add faults to those that there are."""
        merge(self.faults, faults)


def errors_by_path(faults: Mapping[Any, Any], prefix: str = "") -> dict[str, list[str]]:
    """Return nested faults by the dotted path of their field, which each sentence names."""
    flat: dict[str, list[str]] = {}
    for key, value in faults.items():
        path = prefix.removesuffix(".") if key is ITSELF else f"{prefix}{_shown(str(key))}"
        if isinstance(value, Mapping):
            flat |= errors_by_path(value, f"{path}.")
        else:
            flat[path] = [sentence.replace(":field", path) for sentence in value]
    return flat


def _shown(name: str) -> str:
    """Return a name that a client has made up as it can be written into an answer."""
    return name[:_LONGEST_SHOWN].encode(errors="replace").decode()


def merge(faults: Faults, more: Mapping[Any, Any]) -> None:
    """Add more faults to those that there are."""
    for key, value in more.items():
        if isinstance(value, Mapping):
            merge(faults.setdefault(key, {}), value)
        else:
            faults[key] = value
