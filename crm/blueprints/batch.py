"""Batches of one resource: many records in one request (beyond, section 14)."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from flask import Blueprint, Response, jsonify

from crm.database.projection import Json
from crm.http.body import read_body
from crm.http.errors import ValidationFailed
from crm.lists.showing import Shown
from crm.records.batch_verbs import BATCH_VERBS, BatchVerb, Item
from crm.schemas.batch import BatchSchema
from crm.schemas.collections.arrays import Index
from crm.schemas.reading import errors_by_path

if TYPE_CHECKING:
    from crm.blueprints.resource import Resource

_BODY = BatchSchema()


class Batches:
    """The batches of one resource, `POST /{resource}/batch/{verb}`."""

    def __init__(self, resource: "Resource"):
        self.resource = resource

    def add_to(self, blueprint: Blueprint) -> None:
        """Add the routes to the resource's blueprint."""
        for verb in BATCH_VERBS:
            blueprint.add_url_rule(f"/batch/{verb.name}", f"batch_{verb.name}", self._view_of(verb), methods=["POST"])

    def run(self, verb: BatchVerb) -> Response:
        """Write the items that the request's body holds, all or none of them unless it is not `atomic`."""
        return self.resource.write(*verb.permissions, write=lambda _: self._run(verb), conditional=False)

    def _run(self, verb: BatchVerb) -> Response:
        resource = self.resource
        body = _BODY.read(read_body())
        items = resource.batch.judge(verb, body["items"])
        shown = resource.shown()
        if body["atomic"]:
            _require_faultless(items)
        good = [item for item in items.values() if not item.faults]
        written = iter(resource.batch.write(verb, good, shown.include) if good else ())
        answers = [_refusal(item) if item.faults else _success(item, next(written), shown) for item in items.values()]
        return _answer(answers, failed=len(items) - len(good))

    def _view_of(self, verb: BatchVerb) -> Callable[[], Response]:
        """Return the view of a batch: Flask-Limiter takes no `partial`."""

        def run() -> Response:
            return self.run(verb)

        return run


def _require_faultless(items: Mapping[Index, Item]) -> None:
    """Raise ValidationFailed with every fault of every item."""
    if faults := {index: item.faults for index, item in items.items() if item.faults}:
        raise ValidationFailed(errors_by_path({"items": faults}))


def _refusal(item: Item) -> Json:
    refusal = ValidationFailed(errors_by_path(item.faults))
    return {"status": refusal.code, "message": refusal.message, **refusal.details}


def _success(item: Item, record: Json | None, shown: Shown) -> Json:
    if record is None:
        return {"status": 204, "data": None}
    return {"status": 201 if item.row_id is None else 200, "data": shown.of(record)}


def _answer(answers: list[Json], failed: int) -> Response:
    response = jsonify({"data": answers, "meta": {"succeeded": len(answers) - failed, "failed": failed}})
    response.status_code = 207 if failed else 200
    return response
