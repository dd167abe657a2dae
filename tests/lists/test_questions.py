"""What every list answers to random questions is what a model in Python says, on every store.

It is asked about each field with each operator at least once; `make soak` asks 2,000 questions.
"""

import os
from collections.abc import Iterator

import pytest

from crm.lists import few_first, near_first
from tests.conftest import MakeApp
from tests.support import list_model
from tests.support.client import ApiClient
from tests.support.factories import NAMES
from tests.support.list_model import Json
from tests.support.list_questions import Question, Questions, offered
from tests.support.list_rows import ROWS, Filled, fill, read
from tests.support.owner import Owner

QUESTIONS = int(os.environ.get("CRM_TEST_QUESTIONS", "0"))
WALK_EVERY = 10
SMALL = 4
"""How many records a small page has."""


@pytest.fixture
def api(make_app: MakeApp, owner: Owner, monkeypatch: pytest.MonkeyPatch) -> ApiClient:
    """A client of an application of its own, to whose SQL a third of the rows is near, and two are few."""
    monkeypatch.setattr(near_first, "_NEAR", ROWS // 3)
    monkeypatch.setattr(few_first, "_FEW", 3)
    app = make_app(DEFAULT_CURRENCY="CHF")
    return ApiClient(app, owner.put_into(app), Authorization=f"Bearer {owner.sent}")


@pytest.mark.parametrize("resource", NAMES)
def test_a_list_answers_as_the_model_says(api: ApiClient, resource: str) -> None:
    filled = fill(api, resource)
    asked, found = 0, 0
    for asked, question in enumerate(Questions(filled, resource).ask(QUESTIONS), 1):
        records = expected(filled, question)
        answer = read(api, f"/{resource}?{question.query(per_page='100')}")
        assert [record["id"] for record in answer["data"]] == [record["id"] for record in records], question
        assert answer["meta"]["total"] == len(records)
        for shown, record in zip(answer["data"], records, strict=True):
            names = {*question.fields, "id", "external_keys"} if question.fields else shown.keys()
            assert shown == {name: record[name] for name in names}
        see_small_page(api, resource, question, answer["data"])
        if asked % WALK_EVERY == 0:
            assert [*walked(api, resource, question)] == answer["data"], question
        found += bool(records)
    assert found > asked / 3, "Questions in vain are answered by any list."


def expected(filled: Filled, question: Question) -> list[Json]:
    """Return the records that a list holds, in its order, by the model."""
    is_deleted = {"": (False,), "only": (True,), "with": (False, True)}[question.deleted]
    found = [
        record
        for record in filled.records
        if (record["deleted_at"] is not None) in is_deleted
        and all(list_model.meets(record, each, filled.kinds) for each in question.conditions)
        and list_model.holds(record, question.search, filled.kinds)
    ]
    return list_model.in_order(found, question.sort, filled.kinds, offered(filled.resource))


def see_small_page(api: ApiClient, resource: str, question: Question, records: list[Json]) -> None:
    """See that the first of the records come by themselves, without a total."""
    page = read(api, f"/{resource}?{question.query(per_page=str(SMALL), count='false')}")
    assert (page["data"], page["meta"]["total"]) == (records[:SMALL], None), question
    assert (page["links"]["next"] is not None) == (len(records) > SMALL)


def walked(api: ApiClient, resource: str, question: Question) -> Iterator[Json]:
    """Yield the records of a walk by cursor."""
    cursor = ""
    while cursor is not None:
        page = read(api, f"/{resource}?{question.query(per_page=str(SMALL), cursor=cursor)}")
        yield from page["data"]
        cursor = page["meta"]["next_cursor"]
