"""How many SQL statements a request costs, whatever the number of rows."""

import pytest

from crm.models import Label, LeadSource, User
from tests.support.client import statements
from tests.support.factories import NAMES, create_lookup, create_stage, full
from tests.support.sales import DOCUMENTS

WITH_DETAILS = ("organizations", "people")
"""Those with one collection more than others: labels, e-mail addresses, phone numbers, postal addresses."""

each_resource = pytest.mark.parametrize("resource", NAMES)


def cost(api, method, path, **kwargs):
    """Return how many statements a request takes when the use of its token has been noted already."""
    api.get("/auth/me")
    with statements(api.app) as sent:
        answer = api.request(method, path, **kwargs)
    assert answer.status_code < 400, answer.text
    return len(sent)


def test_every_statement_of_a_request_is_counted(api):
    assert cost(api, "GET", "/auth/me") == 1
    assert cost(api, "DELETE", "/auth/token") == 3, "the token is looked up, BEGIN, and DELETE"


@each_resource
def test_a_list_costs_the_same_whatever_its_length(api, resource):
    body = full(api, resource)
    costs = []
    for length in (5, 50):
        while api.get(f"/{resource}").json["meta"]["total"] < length:
            api.create(resource, **body)
        costs.append(cost(api, "GET", f"/{resource}?per_page=25"))
    assert costs[0] == costs[1] <= 6 + (resource in WITH_DETAILS)


@each_resource
def test_a_long_page_costs_no_more_but_of_documents_its_lines_labels_and_taxes_once_again(api, resource):
    body = full(api, resource)
    for _ in range(60):
        api.create(resource, **body)
    short, longer, long = (cost(api, "GET", f"/{resource}?per_page={length}") for length in (25, 26, 60))
    assert longer == long == short + (3 if resource in DOCUMENTS else 0)


@each_resource
def test_a_sorted_and_filtered_list_costs_no_more(api, resource):
    api.create(resource, **full(api, resource))
    path = f"/{resource}?sort=updated_at&user_owner_id={api.user_id}"
    assert cost(api, "GET", path) <= 6


@each_resource
def test_a_record_costs_at_most_five_statements(api, resource):
    record = api.create(resource, **full(api, resource))
    assert cost(api, "GET", f"/{resource}/{record['id']}") <= 5 + (resource in WITH_DETAILS)


def test_creating_a_lead_with_its_relations_costs_at_most_fourteen_statements(api):
    body = {
        "title": "A lead",
        "person_id": api.create("people")["id"],
        "organization_id": api.create("organizations")["id"],
        "pipeline_stage_id": create_stage(api.app, "leads"),
        "labels": [create_lookup(api.app, Label) for _ in range(2)],
    }
    assert cost(api, "POST", "/leads", json=body) <= 14


@each_resource
def test_a_refused_body_is_refused_before_anything_is_written(api, resource):
    api.get("/auth/me")
    with statements(api.app) as sent:
        assert api.post(f"/{resource}", {"user_owner_id": "nobody"}).status_code == 422
    assert len(sent) == 1, "the token is looked up"


@pytest.mark.parametrize("path", ["/labels", "/pipelines", "/users"])
def test_a_look_up_list_costs_the_same_whatever_its_length(api, path):
    before = cost(api, "GET", path)
    for _ in range(5):
        create_lookup(api.app, Label)
        create_lookup(api.app, LeadSource)
        create_stage(api.app, "leads")
        create_lookup(api.app, User, email=f"{_}@example.com", password_hash="", role="Viewer", crm_access=True)
    assert cost(api, "GET", path) == before <= 3
