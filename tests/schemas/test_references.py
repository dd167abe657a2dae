"""Fields that refer to other rows (contract, sections 1 and 5)."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from crm.extensions import db
from crm.models import Label, Pipeline, PipelineStage, User
from crm.schemas.collections.labels import Labels
from crm.schemas.references import NumberedReference, OwnerReference, Reference
from tests.support.client import UNKNOWN, statements
from tests.support.factories import (
    NAMES,
    alter,
    create_lookup,
    create_user,
    field_of,
    fields_of,
    sample,
    stored,
    target,
)

REFERENCES = fields_of(Reference)
NUMBERED = fields_of(NumberedReference)
BY_UUID = [reference for reference in REFERENCES if reference not in NUMBERED]
LOOKUPS = [reference for reference in NUMBERED if reference not in fields_of(OwnerReference)]
MALFORMED = [
    *("x", "1", UNKNOWN[:-1], UNKNOWN + "0", f"{{{UNKNOWN}}}", f"urn:uuid:{UNKNOWN}", UNKNOWN.replace("-", "")),
    *(
        UNKNOWN.replace("0", "\u0660"),
        UNKNOWN.replace("0", "g"),
        f"{UNKNOWN}\n0",
        "%00",
        "a\0b",
        1,
        1.5,
        True,
        [],
        {},
        [UNKNOWN],
    ),
]
NO_INTEGERS = ["x", "1.5", 1.5, True, [], {}, "٣", "1\0", UNKNOWN, 2147483648, -(2**62), 2**63 - 1, "9" * 5000]

by_uuid = pytest.mark.parametrize(("resource", "name"), BY_UUID)
by_number = pytest.mark.parametrize(("resource", "name"), NUMBERED)
each_reference = pytest.mark.parametrize(("resource", "name"), REFERENCES)
each_labelled = pytest.mark.parametrize(("resource", "name"), fields_of(Labels))


def post(api, resource, name, value):
    return api.post(f"/{resource}", {**sample(resource), name: value})


def kept(api, resource, name, value):
    """Create a record and return the row id that it keeps for a reference."""
    return stored(api.app, resource, api.create(resource, **{name: value})["id"])[name]


def row_id(api, field, key):
    with api.app.app_context():
        return db.session.scalar(select(field.model.id).where(field.key == key))


@each_reference
def test_a_reference_names_an_existing_row(api, resource, name):
    field = field_of(resource, name)
    target(api, field)
    key = target(api, field)
    target(api, field)
    assert kept(api, resource, name, key) == row_id(api, field, key)


@by_uuid
def test_a_uuid_may_be_sent_in_any_case_and_with_space_around_it(api, resource, name):
    field = field_of(resource, name)
    key = target(api, field)
    assert kept(api, resource, name, f" {key.upper()} ") == row_id(api, field, key)


@by_uuid
def test_an_unknown_uuid_is_refused(api, resource, name):
    assert api.errors(post(api, resource, name, UNKNOWN)) == {name: [f"The selected {name} is invalid."]}


@by_uuid
def test_what_is_no_uuid_is_refused(api, resource, name):
    for value in MALFORMED:
        no_own_key = isinstance(value, dict) and field_of(resource, name).to_record
        sentence = f"The selected {name} is invalid." if no_own_key else f"The {name} field must be a valid UUID."
        assert api.errors(post(api, resource, name, value)) == {name: [sentence]}


@by_number
def test_an_unknown_number_is_refused(api, resource, name):
    for value in [0, -1, 2147483647, "2147483647"]:
        assert api.errors(post(api, resource, name, value)) == {name: [f"The selected {name} is invalid."]}


@by_number
def test_what_is_no_integer_is_refused(api, resource, name):
    for value in NO_INTEGERS:
        assert api.errors(post(api, resource, name, value)) == {name: [f"The {name} field must be an integer."]}


@by_number
def test_a_number_may_be_sent_as_a_string_or_with_a_zero_fraction(api, resource, name):
    key = target(api, field_of(resource, name))
    assert kept(api, resource, name, str(key)) == kept(api, resource, name, float(key)) == key


@pytest.mark.parametrize(("resource", "name"), LOOKUPS)
def test_a_look_up_number_is_shown_as_sent(api, resource, name):
    key = target(api, field_of(resource, name))
    assert api.create(resource, **{name: key})[name] == key


@pytest.mark.parametrize(("resource", "name"), [pair for pair in REFERENCES if pair not in fields_of(OwnerReference)])
def test_a_deleted_row_cannot_be_referred_to(api, resource, name):
    field = field_of(resource, name)
    key = target(api, field)
    alter(api.app, field.model, key, deleted_at=datetime.now(UTC))
    assert api.errors(post(api, resource, name, key)) == {name: [f"The selected {name} is invalid."]}


@each_reference
def test_a_refused_reference_changes_nothing_and_null_clears(api, resource, name):
    field = field_of(resource, name)
    record = api.create(resource, **{name: target(api, field)})
    before = stored(api.app, resource, record["id"])
    path = f"/{resource}/{record['id']}"
    if not field.create_only:
        wrong = 0 if isinstance(field, NumberedReference) else UNKNOWN
        assert list(api.errors(api.put(path, {name: wrong, "description": "New", "terms": "New"}))) == [name]
        assert stored(api.app, resource, record["id"]) == before
        assert api.put(path, {name: None}).status_code == 200
        assert stored(api.app, resource, record["id"])[name] is None
    assert kept(api, resource, name, None) in (None, api.user_id if name == "user_owner_id" else None)


@pytest.mark.parametrize("resource", NAMES)
def test_an_owner_has_crm_access(api, resource):
    locked_out = create_user(api.app, crm_access=False)
    answer = post(api, resource, "user_owner_id", locked_out)
    assert api.errors(answer) == {"user_owner_id": ["The selected user_owner_id is invalid."]}


@pytest.mark.parametrize("resource", NAMES)
def test_an_owner_who_lost_access_goes_on_owning(api, resource):
    owner = create_user(api.app, name="Joe", email="joe@example.com")
    record = api.create(resource, user_owner_id=owner)
    assert record["owner"] == {"id": owner, "name": "Joe", "email": "joe@example.com"}
    alter(api.app, User, owner, crm_access=False)
    assert api.get(f"/{resource}/{record['id']}").json["data"] == record


@pytest.mark.parametrize("resource", [resource for resource, name in REFERENCES if name == "pipeline_stage_id"])
def test_a_stage_of_a_deleted_pipeline_cannot_be_referred_to(api, resource):
    key = target(api, field_of(resource, "pipeline_stage_id"))
    with api.app.app_context():
        stage = db.session.scalar(select(PipelineStage).filter_by(external_id=key))
        pipeline = db.session.get(Pipeline, stage.pipeline_id).external_id
    alter(api.app, Pipeline, pipeline, deleted_at=datetime.now(UTC))
    assert list(api.errors(post(api, resource, "pipeline_stage_id", key))) == ["pipeline_stage_id"]


@each_labelled
@pytest.mark.parametrize("value", ["x", 1, True, {"id": UNKNOWN}, UNKNOWN], ids=ascii)
def test_labels_are_an_array(api, resource, name, value):
    assert api.errors(post(api, resource, name, value)) == {name: [f"The {name} field must be an array."]}


@each_labelled
def test_every_wrong_label_is_named_by_its_place(api, resource, name):
    good, deleted = create_lookup(api.app, Label), create_lookup(api.app, Label)
    alter(api.app, Label, deleted, deleted_at=datetime.now(UTC))
    assert api.errors(post(api, resource, name, [good, UNKNOWN, "x", None, deleted, 5])) == {
        f"{name}.1": [f"The selected {name}.1 is invalid."],
        f"{name}.2": [f"The {name}.2 field must be a valid UUID."],
        f"{name}.3": [f"The {name}.3 field is required."],
        f"{name}.4": [f"The selected {name}.4 is invalid."],
        f"{name}.5": [f"The {name}.5 field must be a valid UUID."],
    }


@each_labelled
def test_many_labels_cost_no_more_queries_than_one(api, resource, name):
    labels = [create_lookup(api.app, Label) for _ in range(20)]
    api.create(resource)
    counts = []
    for some in (labels[:1], labels):
        with statements(api.app) as sent:
            assert len(api.create(resource, labels=some)["labels"]) == len(some)
        counts.append(len(sent))
    assert counts[0] == counts[1]
