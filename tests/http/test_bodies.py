"""Which bodies are taken and how the faults of the others are told (contract, sections 1 and 7)."""

import gzip

import pytest

from tests.http.test_errors import JSON, check_plain
from tests.support.client import UNKNOWN, ApiClient
from tests.support.factories import NAMES, create_user, full, sample

NO_OBJECTS = [
    *(
        b"",
        b" ",
        b"{",
        b"[1]",
        b"[{}]",
        b'"x"',
        b"1",
        b"null",
        b"true",
        b"{'a': 1}",
        b'{"a": 1,}',
        b"{} {}",
        b"\xff",
        b"\xef\xbb\xbf{}",
    ),
    *(b'{"a": NaN}', b'{"a": Infinity}', b'{"a": -Infinity}', b'{"a": "\x00"}', b'{"a": 01}', "{}".encode("utf-16")),
    *(b"[" * 100000, b'{"a":' * 100000, b'{"a": "\xed\xa0\x80"}', b"a=1", b"<a/>"),
]
JSON_TYPES = [
    *("application/json", "application/json; charset=utf-8", "APPLICATION/JSON", "application/merge-patch+json"),
    "application/vnd.api+json; version=1",
]
OTHER_TYPES = [
    *(None, "", "text/plain", "text/json", "application/jsonp", "application/x-www-form-urlencoded", "json"),
    *("multipart/form-data; boundary=x", "application/xml", "text/plain+json", "*/*"),
]
SENTENCES = [
    ("leads", "title", None, "The title field is required."),
    ("leads", "title", "x" * 256, "The title field must not be greater than 255 characters."),
    ("leads", "description", 1, "The description field must be a string."),
    ("leads", "currency", "EURO", "The currency field must be 3 characters."),
    ("leads", "amount", "x", "The amount field must be a number."),
    ("leads", "amount", -1, "The amount field must be at least 0."),
    ("leads", "labels", "x", "The labels field must be an array."),
    ("leads", "expected_close", "x", "The expected_close field must be an ISO-8601 timestamp with a timezone offset."),
    ("leads", "person_id", "x", "The person_id field must be a valid UUID."),
    ("leads", "person_id", UNKNOWN, "The selected person_id is invalid."),
    ("organizations", "number_of_employees", 1.5, "The number_of_employees field must be an integer."),
    ("people", "birthday", "x", "The birthday field must be a valid date."),
    ("auth/token", "email", "x", "The email field must be a valid email address."),
]

each_resource = pytest.mark.parametrize("resource", NAMES)


@each_resource
def test_a_body_that_is_no_json_object_is_a_400(api, resource):
    path = f"/{resource}/{api.create(resource)['id']}"
    for body in NO_OBJECTS:
        for verb, place in (("POST", f"/{resource}"), ("PUT", path), ("PATCH", path), ("POST", "/auth/token")):
            check_plain(api.request(verb, place, data=body, **JSON), 400)


@each_resource
def test_another_content_type_is_a_415(api, resource):
    path = f"/{resource}/{api.create(resource)['id']}"
    for content_type in OTHER_TYPES:
        for verb, place in (("POST", f"/{resource}"), ("PUT", path), ("PATCH", path), ("POST", "/auth/token")):
            check_plain(api.request(verb, place, data="{}", content_type=content_type), 415)


@each_resource
def test_an_empty_array_is_an_empty_object(api, resource):
    record = api.create(resource)
    for body in (b"[]", b" [ ]\n"):
        for verb in ("PUT", "PATCH"):
            answer = api.request(verb, f"/{resource}/{record['id']}", data=body, **JSON)
            assert (answer.status_code, answer.json["data"]["id"]) == (200, record["id"])
        created, empty = (api.request("POST", f"/{resource}", data=data, **JSON) for data in (body, b"{}"))
        assert (created.status_code, created.json.keys()) == (empty.status_code, empty.json.keys())
        assert created.json.get("errors") == empty.json.get("errors")
    assert set(api.errors(api.request("POST", "/auth/token", data=b"[]", **JSON))) == {"email", "password"}


@each_resource
@pytest.mark.parametrize("coding", ["gzip", "GZIP", "deflate", "br", "zstd", "x-gzip", "identity, gzip", "nonsense"])
def test_a_compressed_body_is_a_415(api, resource, coding):
    path, headers = f"/{resource}/{api.create(resource)['id']}", {"Content-Encoding": coding}
    for verb, place in (("POST", f"/{resource}"), ("PUT", path), ("PATCH", path), ("POST", "/auth/token")):
        for body in (gzip.compress(b"{}"), b"{}", b"{", b" " * 1_048_577):
            answer = api.request(verb, place, data=body, headers=headers, **JSON)
            check_plain(answer, 415)
            assert answer.json == {"message": "A compressed request body is not supported."}


@pytest.mark.parametrize("coding", ["identity", "Identity", ""])
def test_a_body_that_says_it_is_not_compressed_is_taken(api, coding):
    answer = api.post("/people", {"first_name": "Jane"}, headers={"Content-Encoding": coding})
    assert answer.status_code == 201


@each_resource
def test_every_json_content_type_is_taken(api, resource):
    record = api.create(resource)
    for content_type in JSON_TYPES:
        answer = api.request("PUT", f"/{resource}/{record['id']}", data="{}", content_type=content_type)
        assert answer.status_code == 200


@each_resource
def test_a_body_may_be_as_large_as_the_setting_says(make_app, resource):
    app = make_app(MAX_BODY_BYTES="2000")
    api = ApiClient(app, create_user(app))
    path = f"/{resource}/{api.create(resource)['id']}"
    assert api.request("PUT", path, data=b"{}" + b" " * 1998, **JSON).status_code == 200
    for verb, place in (("PUT", path), ("POST", f"/{resource}"), ("POST", "/auth/token")):
        check_plain(api.request(verb, place, data=b"{}" + b" " * 1999, **JSON), 413)


@pytest.mark.parametrize(("resource", "name", "value", "sentence"), SENTENCES)
def test_a_faulty_field_is_named_in_a_sentence(api, resource, name, value, sentence):
    body = {"password": "x"} if resource == "auth/token" else sample(resource)
    assert api.errors(api.post(f"/{resource}", {**body, name: value})) == {name: [sentence]}


@each_resource
def test_every_fault_of_a_body_is_answered_at_once(api, resource):
    good = full(api, resource)
    faulty = set(good)
    errors = api.errors(api.post(f"/{resource}", {**good, **{name: {"no": "such"} for name in faulty}}))
    assert set(errors) == faulty
    assert all(len(sentences) == 1 and name in sentences[0] for name, sentences in errors.items())


def test_faults_of_the_form_and_of_references_are_answered_together(api):
    body = {"last_name": "x" * 256, "organization_id": UNKNOWN, "user_owner_id": 0, "labels": [UNKNOWN, "x"]}
    assert api.errors(api.post("/people", body)) == {
        "first_name": ["The first_name field is required."],
        "last_name": ["The last_name field must not be greater than 255 characters."],
        "organization_id": ["The selected organization_id is invalid."],
        "user_owner_id": ["The selected user_owner_id is invalid."],
        "labels.0": ["The selected labels.0 is invalid."],
        "labels.1": ["The labels.1 field must be a valid UUID."],
    }
