"""The JSON Schema forms that requests and answers have in common, and the register of named schemas."""

from collections.abc import Hashable
from typing import Any

from marshmallow import Schema

Json = dict[str, Any]

MEDIA_TYPE = "application/json"
TEXT: Json = {"type": "string"}
TRUTH: Json = {"type": "boolean"}
TIMESTAMP: Json = {"type": "string", "format": "date-time"}
UUID: Json = {"type": "string", "format": "uuid"}
DOUBLE: Json = {"type": "number", "format": "double"}
"""A number with decimals, such as money: without the format some clients keep 32 bits of it and lose the cents."""


class Components(dict[str, Json]):
    """The named parts of the description, to which others refer: the schemas, and what operations send and answer."""

    def __init__(self) -> None:
        super().__init__()
        self.request_bodies: dict[str, Json] = {}
        self.responses: dict[str, Json] = {}
        self.parameters: dict[str, Json] = {}
        self.shown: dict[Hashable, Json] = {}
        """The references to what is shown, by its schema and table, so that each is described once."""

    def add(self, name: str, schema: Json) -> Json:
        """Register a schema and return the reference to it. Raises ValueError if the name means another one."""
        return _register(self, "schemas", name, schema)

    def add_request_body(self, name: str, body: Json) -> Json:
        """Register what operations send, as `add` does."""
        return _register(self.request_bodies, "requestBodies", name, body)

    def add_response(self, name: str, response: Json) -> Json:
        """Register what operations answer, as `add` does."""
        return _register(self.responses, "responses", name, response)

    def share_parameter(self, name: str, parameter: Json) -> Json:
        """Register a parameter and return the reference to it; the parameter itself if the name means another one."""
        shared = self.parameters.setdefault(name, parameter) == parameter
        return {"$ref": f"#/components/parameters/{name}"} if shared else parameter


def _register(parts: dict[str, Json], kind: str, name: str, part: Json) -> Json:
    if parts.setdefault(name, part) != part:
        raise ValueError(f"Two {kind} are named {name}.")
    return {"$ref": f"#/components/{kind}/{name}"}


def name_of(schema: type[Schema]) -> str:
    """Return the name under which a marshmallow schema is registered."""
    return schema.__name__.removesuffix("Schema")


def with_article(noun: str) -> str:
    """Return a noun in lower case with its indefinite article."""
    return f"{'an' if noun[0] in 'AEIOUaeiou' else 'a'} {noun.lower()}"


def object_of(properties: Json, *, required: list[str] | None = None, description: str | None = None) -> Json:
    """Return the schema of an object; all its properties are required unless others are named."""
    schema: Json = {"type": "object", "properties": properties}
    if names := list(properties) if required is None else required:
        schema["required"] = names
    return {"description": description, **schema} if description else schema


def array_of(items: Json, most: int | None = None) -> Json:
    """Return the schema of an array, of at most so many items where there is a limit."""
    array = {"type": "array", "items": items}
    return array if most is None else {**array, "maxItems": most}


def or_null(schema: Json) -> Json:
    """Return a schema that takes null, too."""
    if "type" in schema:
        return {**schema, "type": [schema["type"], "null"]}
    if "anyOf" in schema:
        return {**schema, "anyOf": [*schema["anyOf"], {"type": "null"}]}
    about = {name: part for name, part in schema.items() if name != "$ref"}
    return {"anyOf": [{"$ref": schema["$ref"]}, {"type": "null"}], **about}


def described(schema: Json, *sentences: str | None) -> Json:
    """Return a schema with its own description and these sentences, as far as there are any."""
    text = " ".join(filter(None, (schema.get("description"), *sentences)))
    return {**schema, "description": text} if text else schema


def first_line(documented: object) -> str:
    """Return the sentence with which a docstring begins."""
    return (documented.__doc__ or "").strip().partition("\n")[0]
