"""The parts of an application's API by their names, for whoever needs another than its own."""

from typing import TYPE_CHECKING

from flask import Flask

from crm.records.lookups import Lookup

if TYPE_CHECKING:
    from crm.blueprints.resource import Resource


def lookups_of(app: Flask) -> dict[str, Lookup]:
    """Return the look-up lists of an application by their names."""
    made: dict[str, Lookup] = app.extensions["crm_lookups"]
    return made


def resources_of(app: Flask) -> dict[str, "Resource"]:
    """Return the resources of an application by their names."""
    resources: dict[str, Resource] = app.extensions["crm_resources"]
    return resources
