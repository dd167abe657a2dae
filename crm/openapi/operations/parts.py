"""The operations of the parts of records, from their declarations."""

from crm.blueprints.part import Addition, Part
from crm.blueprints.resource import Resource
from crm.http.idempotency import REPLAYED
from crm.openapi.answers import LIMIT_HEADERS, head_of, header_references, not_modified, nothing, one, success
from crm.openapi.examples.parts import PARTS
from crm.openapi.forms import Components, Json, array_of, name_of, with_article
from crm.openapi.parameters import shared
from crm.openapi.refusals import ERROR, READ, WRITE, WRITE_OF_BODY, refusal_content, refusals
from crm.openapi.requests import body_of, body_schema
from crm.openapi.shown import shown


def part_operation(resource: Resource, view: str, components: Components) -> Json | None:
    """Return the operation of a view of parts, None if it is none of them."""
    for part in resource.parts:
        if view == f"list_{part.name}":
            return _list(resource, part, components)
        if view == f"add_{part.noun}" and part.add:
            return _add(resource, part, part.add, components)
        if view == f"remove_{part.noun}":
            return _remove(resource, part, components)
    return None


def _list(resource: Resource, part: Part, components: Components) -> Json:
    noun, many = name_of(resource.schema), part.name.capitalize()
    form = components.add(f"{noun}{many}", one(array_of(_form(resource, part, components))))
    example = {"data": [PARTS[part.name].shown]}
    return {
        **head_of(f"list{noun}{many}", f"List the {part.name} of {with_article(noun)}", resource.name),
        "description": part.listed,
        "parameters": shared("Id", "Team", "IfNoneMatch"),
        "responses": {
            "200": success(f"All {part.name}.", form, example, ("ETag",)),
            **not_modified(components),
            **refusals((404, *READ)),
        },
    }


def _add(resource: Resource, part: Part, addition: Addition, components: Components) -> Json:
    name = part.noun.capitalize()
    form = components.add(f"{name}Envelope", one(_form(resource, part, components)))
    body = body_schema(addition.body(), f"{name}Create", components)
    return {
        **_head(resource, part, "add"),
        "description": addition.sentence,
        "parameters": shared("Id", "Team", "IfMatch", "IdempotencyKey"),
        "requestBody": body_of(body, PARTS[part.name].sent),
        "responses": {
            "201": success(f"The new {part.noun}.", form, {"data": PARTS[part.name].shown}, ("ETag", REPLAYED)),
            **refusals((404, 412, *WRITE_OF_BODY)),
        },
    }


def _remove(resource: Resource, part: Part, components: Components) -> Json:
    name = "".join(word.capitalize() for word in part.parameter.split("_"))
    refused = {"409": _conflict(part)} if part.remove.refused else {}
    responses = {
        "204": nothing(f"The {part.noun} is gone.", ("ETag", REPLAYED)),
        **refusals((404, 412, *WRITE)),
    }
    return {
        **_head(resource, part, "remove"),
        "description": part.remove.sentence,
        "parameters": shared("Id", name, "Team", "IfMatch", "IdempotencyKey"),
        "responses": dict(sorted({**responses, **refused}.items())),
    }


def _conflict(part: Part) -> Json:
    """Return the 409 of a removal that may be refused."""
    return {
        "description": f"{part.remove.refused} Or the first request with this `Idempotency-Key` is not answered.",
        "headers": header_references((*LIMIT_HEADERS, "Retry-After"), ("Retry-After",)),
        "content": refusal_content(409, ERROR, {"message": part.remove.conflict}),
    }


def _head(resource: Resource, part: Part, verb: str) -> Json:
    noun = name_of(resource.schema)
    summary = f"{verb.capitalize()} {with_article(part.noun)} of {with_article(noun)}"
    return head_of(f"{verb}{noun}{part.noun.capitalize()}", summary, resource.name)


def _form(resource: Resource, part: Part, components: Components) -> Json:
    """Return the schema of a part as it is shown."""
    form: Json = shown(resource.creation.fields[part.name], resource.table, components)["items"]  # type: ignore[arg-type]
    return form
