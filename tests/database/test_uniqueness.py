"""What is there once: the database itself refuses it a second time, whoever writes it (contract, section 1)."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError

from crm.extensions import db
from crm.models import RECORDS, Pipeline, PipelineStage, TaxRate
from crm.records.lookups import LOOKUPS
from tests.support.client import ApiClient
from tests.support.factories import alter, create_lookup, create_team, stored

NUMBERED = [model.__tablename__ for model in RECORDS if model.number]
NAMED = [*(lookup.model for lookup in LOOKUPS), PipelineStage]
NAME, SAME, OTHER = "Größe", "GRÖßE", "GRÖSSE"
"""Names of which two differ in case alone: an `ß` is no `ss` to the order of lists either."""

within_team = pytest.mark.parametrize("in_team", [True, False], ids=["team", "no team"])


def insert_copy(app: Flask, resource: str, row: dict[str, Any], team_id: int | None) -> None:
    """Add a row that is like another, but for its keys and its team."""
    copy = {**row, "external_id": str(uuid4()), "team_id": team_id}
    del copy["id"]
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(db.metadata.tables[resource].insert(), copy)


def add_pipelines(app: Flask) -> list[int]:
    """Add two pipelines and return their row ids."""
    for _ in range(2):
        create_lookup(app, Pipeline, resource="leads")
    with app.app_context():
        last = int(db.session.scalar(db.select(db.func.max(Pipeline.id))))
        db.session.remove()
    return [last - 1, last]


@within_team
@pytest.mark.parametrize("resource", NUMBERED)
def test_no_number_is_there_twice(app: Flask, api: ApiClient, resource: str, in_team: bool) -> None:
    row = stored(app, resource, api.create(resource)["id"])
    first, second = (create_team(app, api.user_id) for _ in range(2))
    team_id = first if in_team else None
    if in_team:
        insert_copy(app, resource, row, team_id)
    insert_copy(app, resource, row, second)
    with pytest.raises(IntegrityError):
        insert_copy(app, resource, row, team_id)


@within_team
@pytest.mark.parametrize("model", NAMED, ids=lambda model: model.__tablename__)
def test_no_name_of_a_look_up_row_is_there_twice(app: Flask, api: ApiClient, model: Any, in_team: bool) -> None:
    first, second = (create_team(app, api.user_id) for _ in range(2))
    team_id = first if in_team else None
    more: dict[str, Any] = {Pipeline: {"resource": "leads"}}.get(model, {})
    if model is PipelineStage:
        more = {"pipeline_id": add_pipelines(app)[0], "position": 1}
    key = create_lookup(app, model, name=NAME, team_id=team_id, **more)
    create_lookup(app, model, name=OTHER, team_id=team_id, **more)
    create_lookup(app, model, name=NAME, team_id=second, **more)
    with pytest.raises(IntegrityError):
        create_lookup(app, model, name=SAME, team_id=team_id, **more)
    alter(app, model, key, deleted_at=datetime.now(UTC))
    create_lookup(app, model, name=SAME, team_id=team_id, **more)


def test_a_name_may_stand_in_two_pipelines_and_for_two_resources(app: Flask) -> None:
    for pipeline_id in add_pipelines(app):
        create_lookup(app, PipelineStage, name=NAME, pipeline_id=pipeline_id, position=1)
    for resource in ("leads", "deals"):
        create_lookup(app, Pipeline, name=NAME, resource=resource)


def test_a_team_has_one_default_tax_rate(app: Flask, api: ApiClient) -> None:
    for team_id in (create_team(app, api.user_id), create_team(app, api.user_id)):
        create_lookup(app, TaxRate, default=True, team_id=team_id)
        create_lookup(app, TaxRate, team_id=team_id)
        with pytest.raises(IntegrityError):
            create_lookup(app, TaxRate, default=True, team_id=team_id)
    with pytest.raises(IntegrityError):
        create_lookup(app, TaxRate, default=True)  # the seeded one is there
