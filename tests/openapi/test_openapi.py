"""The API description is complete and true: routes, examples, statuses; how it is served."""

import configparser
import gzip
import subprocess
import sys
import time

import jsonschema_rs
import orjson
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from crm.blueprints import PREFIX, RESOURCES
from crm.openapi.document import describe, path_of
from crm.openapi.overview import servers
from crm.operate.start import VERSION
from tests.support.client import ApiClient
from tests.support.described import description, resolved
from tests.support.factories import create_user
from tests.support.server import ROOT

VERBS = {"GET", "POST", "PUT", "PATCH", "DELETE"}
NAMES = [kind.model.__tablename__ for kind in RESOURCES]
PARTS = {"invoices": ["payments", "payments/{payment_id}"], "products": ["prices/{currency}"]}
"""The paths of parts of a record, below its own."""
ON_REQUEST = {"external_keys", "payments"}
each_resource = pytest.mark.parametrize("resource", NAMES)


def operations():
    """Yield path, verb and operation of everything that is described."""
    for path, verbs in description()["paths"].items():
        for verb, operation in verbs.items():
            yield path, verb, operation


def test_every_route_is_described_and_nothing_else(app):
    routes = {
        (path_of(rule), verb)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(f"{PREFIX}/")
        for verb in VERBS & rule.methods
    }
    assert routes == {(path, verb.upper()) for path, verb, _ in operations()}
    beyond = {rule.rule for rule in app.url_map.iter_rules() if not rule.rule.startswith(f"{PREFIX}/")}
    assert {rule.removeprefix("/crm").removeprefix("/api/docs") for rule in beyond} == {
        "/",
        "",
        "/livez",
        "/readyz",
        "/mcp",
        "/page/<path:filename>",
        "/swagger-ui/<name>",
    }


@each_resource
def test_the_paths_of_a_resource_are_verbs_own_keys_batches_actions_parts_and_history(resource):
    paths = [path.removeprefix(f"/{resource}") for path in description()["paths"] if path.split("/")[1] == resource]
    batches = [f"/batch/{name}" for name in ("create", "update", "upsert", "delete")]
    actions = [f"/{{id}}/{action.name}" for action in RESOURCES[NAMES.index(resource)].actions]
    parts = [f"/{{id}}/{path}" for path in PARTS.get(resource, ())]
    assert paths == ["", "/{id}", "/by/{source}/{key}", *batches, *actions, *parts, "/{id}/changes"]


def test_the_description_is_valid_openapi_3_1():
    assert description()["openapi"].startswith("3.1")
    OpenAPIV31SpecValidator(description()).validate()


def test_operation_ids_stay_as_clients_know_them():
    ids = [operation["operationId"] for _, _, operation in operations()]
    assert len(ids) == len(set(ids))
    assert {"createToken", "showCaller", "deleteToken", "listTaxRates", "listUsers"} <= set(ids)
    verbs = ("create", "show", "update", "patch", "delete")
    for one, many in [("Lead", "Leads"), ("Person", "People"), ("Invoice", "Invoices")]:
        assert {f"list{many}", *(verb + one for verb in verbs)} <= set(ids)


def test_every_operation_has_summary_description_and_a_tag_that_is_explained():
    tags = {tag["name"] for tag in description()["tags"] if tag["description"]}
    for _, _, operation in operations():
        assert operation["summary"]
        assert operation["description"]
        assert tags.issuperset(operation["tags"])


def test_every_body_has_an_example():
    for path, verb, operation in operations():
        bodies = map(resolved, [operation.get("requestBody", {}), *operation["responses"].values()])
        contents = [content for body in bodies for content in body.get("content", {}).values()]
        assert contents, (path, verb)
        for content in contents:
            assert {"example", "examples"} & set(content) or path == "/openapi.json", (path, verb)


@each_resource
def test_parameters_of_a_list_are_those_of_its_resource(resource):
    kind = RESOURCES[NAMES.index(resource)]
    parameters = {part["name"]: part for part in map(resolved, operation("get", f"/{resource}")["parameters"])}
    filters = {name for name in parameters if name.startswith("filter[")}
    others = {"per_page", "page", "sort", "user_owner_id", "X-Team-ID", "If-None-Match", "include", *kind.filters}
    assert set(parameters) - filters == others | {"cursor", "count", "search", "fields"}
    sort = parameters["sort"]
    assert (sort["style"], sort["explode"], sort["schema"]["maxItems"]) == ("form", False, 3)
    keys = resolved(sort["schema"]["items"])
    names = dict(zip(keys["enum"], keys["x-enum-varnames"], strict=True))
    noun = kind.schema.__name__.removesuffix("Schema").upper()
    for name in ("created_at", "updated_at", "version", "id"):
        assert (names[name], names[f"-{name}"]) == (f"{noun}_BY_{name.upper()}", f"{noun}_BY_{name.upper()}_DESC")
        assert f"filter[{name}]" in filters
    assert not {"owner", "labels"} & set(names)
    assert len(set(names.values())) == len(names)
    assert "filter[external_keys.SOURCE]" in filters


def test_every_parameter_has_an_example_that_it_takes():
    parameters = [part for _, _, operation in operations() for part in map(resolved, operation.get("parameters", []))]
    assert len({part["name"] for part in parameters}) > 50
    for part in parameters:
        schema = {**part["schema"], "components": description()["components"]}
        assert jsonschema_rs.is_valid(schema, part["example"], validate_formats=True), part


def test_descriptions_are_short_and_tell_operations_apart():
    texts = [operation["description"] for _, _, operation in operations()]
    assert len(set(texts)) == len(texts)
    assert max(map(len, texts)) <= 300
    described = [part for part in parts_of({**description(), "info": {}}) if isinstance(part.get("description"), str)]
    assert len(described) > 500
    assert [part for part in described if len(part["description"]) > 300] == []


def test_what_is_sent_has_one_form_and_no_flags():
    """Programs that make clients turn unions into types of their own, and drop what has a flag from either side."""
    unions = set()
    for part in parts_of(description()["components"]["schemas"]):
        assert not {"readOnly", "writeOnly"} & set(part)
        if "default" in part and not isinstance(part["default"], dict):  # and is no property of that name
            assert isinstance(part.get("type"), str), part
        if part.get("type") in ("number", ["number", "null"]):
            assert part["format"] == "double"
    for name, form in description()["components"]["schemas"].items():
        if name.endswith(("Create", "Update", "Input")):
            unions |= {part["anyOf"][0]["$ref"] for part in parts_of(form.get("properties")) if "anyOf" in part}
    assert {union.rpartition("/")[2] for union in unions} == {"ExternalKeys", "RecordReference"}
    lead = description()["components"]["schemas"]["LeadCreate"]["properties"]
    assert (lead["amount"]["type"], lead["user_owner_id"]["type"]) == (["number", "null"], ["integer", "null"])
    assert "person_id" in lead


def test_small_truths():
    parameters = {part["name"]: part for part in map(resolved, operation("get", "/products")["parameters"])}
    assert parameters["active"]["schema"] == {"type": "boolean"}
    assert parameters["X-Team-ID"]["schema"]["type"] == "integer"
    pipeline = description()["components"]["schemas"]["PipelineSummary"]["properties"]
    assert pipeline["resource"]["enum"] == ["leads", "deals", "quotes"]
    assert description()["components"]["schemas"]["LeadCreate"]["properties"]["title"]["minLength"] == 1
    assert description()["info"]["contact"]["name"]


def test_it_is_small_and_soon_made(app):
    text = orjson.dumps(description())
    count = len([*operations()])
    assert len(text) / count <= 3000
    assert len(gzip.compress(text)) < 60_000
    assert min(seconds_to_describe(app) for _ in range(3)) < 0.2


def seconds_to_describe(app):
    """Return how long the processor takes, whatever else it does meanwhile."""
    start = time.process_time()
    describe(app)
    return time.process_time() - start


@each_resource
def test_request_schemas_tell_create_update_and_answer_apart(resource):
    kind = RESOURCES[NAMES.index(resource)]
    name = kind.schema.__name__.removesuffix("Schema")
    schemas = description()["components"]["schemas"]
    made, changed, shown = (schemas[name + suffix] for suffix in ("Create", "Update", ""))
    required = {name for name, field in kind.schema().load_fields.items() if field.required}
    assert set(made.get("required", [])) == required
    assert not changed.get("required")
    assert set(kind.schema().load_fields) == set(made["properties"])
    assert set(kind.schema.for_update().load_fields) == set(changed["properties"])
    assert shown["required"] == [name for name in shown["properties"] if name not in ON_REQUEST]


@each_resource
def test_everything_that_is_sent_has_a_bound(resource):
    bounds = {
        "string": {"maxLength", "format", "pattern", "enum"},
        "number": {"maximum"},
        "integer": {"maximum", "enum"},
        "array": {"maxItems"},
    }
    schema = RESOURCES[NAMES.index(resource)].schema
    for suffix in ("Create", "Update"):
        forms = [*forms_of(description()["components"]["schemas"][schema.__name__.removesuffix("Schema") + suffix])]
        assert len(forms) > len(schema.for_update().load_fields)
        for form in forms:
            kinds = [form["type"]] if isinstance(form["type"], str) else form["type"]
            assert all(bounds[kind] & set(form) for kind in kinds if kind in bounds), form


def test_the_bounds_are_those_of_the_contract():
    quote = description()["components"]["schemas"]["QuoteCreate"]["properties"]
    assert {name: part["maxItems"] for name, part in quote.items() if "maxItems" in part} == {
        "line_items": 500,
        "labels": 100,
    }
    assert {name: part["maxLength"] for name, part in quote.items() if "maxLength" in part} == {
        "title": 255,
        "reference": 255,
        "description": 65535,
        "terms": 65535,
    }


def test_public_operations_need_no_token():
    public = {(path, verb) for path, verb, operation in operations() if operation.get("security") == []}
    assert public == {("/auth/token", "post"), ("/openapi.json", "get")}


def test_it_is_public_uncounted_and_cached(make_app):
    stranger = ApiClient(make_app(RATELIMIT_UNAUTHENTICATED="1 per minute"))
    answers = [stranger.get("/openapi.json") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200] * 3
    assert orjson.loads(answers[0].data) == served()
    etag = answers[0].headers["ETag"]
    unchanged = stranger.get("/openapi.json", headers={"If-None-Match": etag})
    assert (unchanged.status_code, unchanged.data, unchanged.headers["ETag"]) == (304, b"", etag)
    assert stranger.get("/openapi.json", headers={"If-None-Match": '"another"'}).status_code == 200
    assert stranger.get("/openapi.json", headers={"If-Match": '"another"'}).status_code == 200


def test_the_server_is_named_as_links_are(make_app):
    """As a client has to write it, with the name that it asked for; the command knows none."""
    answer = ApiClient(make_app()).get("/openapi.json", base_url="https://münchen.example:8443")
    assert answer.json["servers"][0]["url"] == f"https://xn--mnchen-3ya.example:8443{PREFIX}"
    assert description()["servers"][0]["url"] == PREFIX


def served():
    """Return the description as the test client is given it."""
    return {**description(), "servers": servers(f"http://localhost{PREFIX}")}


def test_it_is_the_same_in_teams_mode(team_app):
    assert orjson.loads(ApiClient(team_app).get("/openapi.json").data) == served()
    assert ApiClient(team_app, create_user(team_app)).get("/openapi.json").status_code == 200


def test_the_command_prints_it(app):
    printed = app.test_cli_runner().invoke(args=["crm", "openapi"])
    assert orjson.loads(printed.output) == describe(app) == description()


def test_its_version_is_that_of_the_package():
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    assert setup["metadata"]["version"] == VERSION


def test_a_start_does_not_wait_for_it(app):
    code = "from wsgi import app; print('crm-description' in app.extensions)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def parts_of(value):
    """Yield every object in a part of the description."""
    if isinstance(value, dict):
        yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from parts_of(part)


def forms_of(schema):
    """Yield every form that the values of a body may have, those in its arrays and objects included."""
    schema = resolved(schema)
    if "anyOf" not in schema:
        yield schema
    items = [schema["items"]] if "items" in schema else []
    for part in (*schema.get("anyOf", ()), *schema.get("properties", {}).values(), *items):
        yield from forms_of(part)


def operation(verb, path):
    return description()["paths"][path][verb]
