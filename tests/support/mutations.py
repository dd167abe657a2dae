"""Requests that the API description shows as examples, each made wrong somewhere, by chance and from a seed."""

import copy
import gzip
import json
import re
from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import Any, NamedTuple
from urllib.parse import quote

from tests.support.client import SOURCE, UNKNOWN, UNKNOWN_PARTS
from tests.support.described import MEDIA_TYPE, description, resolved
from tests.support.hostile import BODIES, HEADERS, IDS, OWN_KEYS, QUERIES, QUESTIONS, SOURCES, TOKENS, VALUES

Json = Any
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "SECRET")
FORGED = (
    *(
        {name: value}
        for name in ("If-Match", "If-None-Match")
        for value in ("", "*", '"', "W/", '"' + "9" * 4000 + '"')
    ),
    *({"Idempotency-Key": key} for key in ("", "x" * 300, "\xff", "a,b", UNKNOWN)),
    *({"X-Request-Id": key} for key in ("", "x" * 3000, "a\tb", "%00")),
    *({"Content-Encoding": encoding} for encoding in ("deflate", "br", "gzip, gzip", "identity", "x")),
    *({"Accept": accept} for accept in ("text/html", "*/*;q=0")),
    *({"Prefer": "return=minimal"}, {"Transfer-Encoding": "gzip"}, {"X-HTTP-Method": "DELETE"}),
)
_MARK = "hostile value "
_MARKED = re.compile(f'"{_MARK}([0-9]+)"')
_LARGE = 300
"""How many times what is in a list is repeated, and how many thousand spaces are put before a body."""


class Operation(NamedTuple):
    """A method of a path as it is described: the bodies that are its examples, and examples of its parameters."""

    method: str
    path: str
    bodies: tuple[Json, ...]
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]


class Wrong(NamedTuple):
    """A request: what the tests' client takes."""

    method: str
    path: str
    headers: dict[str, str]
    data: bytes | None


def operations() -> list[Operation]:
    """Return all that is described."""
    return [
        _operation(method.upper(), path, described)
        for path, methods in description()["paths"].items()
        for method, described in methods.items()
    ]


def _operation(method: str, path: str, described: dict[str, Any]) -> Operation:
    parameters = [resolved(each) for each in described.get("parameters", ())]
    shown = [(each["in"], each["name"], _text(each)) for each in parameters]
    return Operation(
        method,
        path,
        tuple(_bodies(described)),
        tuple((name, value) for where, name, value in shown if where == "query"),
        {name: value for where, name, value in shown if where == "header" and value and name != "X-Team-ID"},
    )


def _bodies(described: dict[str, Any]) -> Iterator[Json]:
    if "requestBody" in described:
        content = resolved(described["requestBody"])["content"][MEDIA_TYPE]
        yield from (
            [content["example"]]
            if "example" in content
            else [resolved(each)["value"] for each in content["examples"].values()]
        )


def _text(parameter: dict[str, Any]) -> str:
    schema = parameter.get("schema", {})
    value = parameter.get("example", schema.get("default", schema.get("enum", [""])[0]))
    return str(value).lower() if isinstance(value, bool) else str(value)


class Mutator:
    """Makes requests. `keys` are the ids of what exists, by the first part of the path."""

    def __init__(self, seed: int, keys: Mapping[str, str]):
        self.random = Random(seed)
        self.keys = keys
        self.operations = operations()

    def request(self) -> Wrong:
        """Return an example with something wrong about its id, query, headers, method or body, or several of them."""
        operation = self.random.choice(self.operations)
        method = operation.method if self._seldom(0.97) else self.random.choice(METHODS)
        headers = {name: value for name, value in operation.headers.items() if self._seldom(0.2)}
        data = None
        if operation.bodies:
            data = self.body(self.random.choice(operation.bodies))
            headers["Content-Type"] = MEDIA_TYPE
            if self._seldom(0.05):
                data = gzip.compress(data)
                headers["Content-Encoding"] = "gzip"
        if self._seldom(0.25):
            headers |= self.random.choice((*HEADERS, *FORGED))
        if self._seldom(0.03):
            headers["Authorization"] = self.random.choice(TOKENS)
        return Wrong(method, self._path(operation), headers, data)

    def _seldom(self, share: float) -> bool:
        return self.random.random() < share

    def _path(self, operation: Operation) -> str:
        table = operation.path.split("/")[1]
        path = re.sub(r"\{(\w+)\}", lambda match: self._key(table, match[1]), operation.path)
        asked = [f"{quote(name, safe='[]')}={quote(value)}" for name, value in operation.query if self._seldom(0.2)]
        if self._seldom(0.3):
            asked.append(self.random.choice((*QUERIES, *QUESTIONS)))
        if asked and self._seldom(0.3):
            name = self.random.choice(asked).partition("=")[0]
            asked.append(f"{name}={quote(self.random.choice(VALUES))}")
        return f"{path}?{'&'.join(asked)}" if asked else path

    def _key(self, table: str, name: str) -> str:
        if name == "source":
            return self.random.choice(SOURCES) if self._seldom(0.2) else SOURCE
        if self._seldom(0.25):
            return self.random.choice(OWN_KEYS if name == "key" else IDS)
        if name == "message_id":
            return self.keys["messages"]
        return UNKNOWN_PARTS.get(name) or self.keys.get(table, UNKNOWN)

    def body(self, example: Json) -> bytes:
        """Return the text of an example, as a rule with something wrong about it."""
        if self._seldom(0.05):
            return self.random.choice(BODIES)
        body = [copy.deepcopy(example)]  # so that the whole is in a place, too
        for _ in range(self.random.choice((0, 1, 1, 1, 2, 3))):
            self._mutate(body)
        text = _MARKED.sub(lambda match: VALUES[int(match[1])], json.dumps(body[0]))
        if self._seldom(0.1):
            text = re.sub(r'("\w+": )', lambda match: f"{match[1]}0, {match[1]}", text, count=1)  # a name twice
        return self._encoded(text)

    def _mutate(self, body: list[Json]) -> None:
        """Change one place of a body, however deep it lies."""
        holder, key = self.random.choice([*_places(body)])
        value = holder[key]
        changes: tuple[Callable[[], Json], ...] = (
            *(lambda: f"{_MARK}{self.random.randrange(len(VALUES))}",) * 4,
            lambda: None,
            lambda: [value],
            lambda: {"id": value},
            lambda: self._nested(value),
            lambda: value * _LARGE if isinstance(value, list | str) else value,
            lambda: {**value, "__class__": value, "": value} if isinstance(value, dict) else str(value),
            lambda: self.keys[self.random.choice([*self.keys])],
        )
        if isinstance(holder, dict) and self._seldom(0.1):
            del holder[key]
        else:
            holder[key] = self.random.choice(changes)()

    def _nested(self, value: Json) -> Json:
        for _ in range(self.random.choice((2, 30, 150))):
            value = [value] if self._seldom(0.5) else {"items": value}
        return value

    def _encoded(self, text: str) -> bytes:
        """Return a text as bytes, now and then in another encoding, cut off, or with a byte that is another."""
        data = text.encode()
        if self._seldom(0.85):
            return data
        place = self.random.randrange(len(data) + 1)
        other = bytes([self.random.randrange(256)])
        ways: tuple[Callable[[], bytes], ...] = (
            lambda: data[:place],
            lambda: data[:place] + other + data[place:],
            lambda: data[:place] + other + data[place + 1 :],
            lambda: data + data,
            lambda: b" " * 1000 * _LARGE + data,
            lambda: text.encode("utf-16"),
            lambda: text.encode("utf-32-le"),
            lambda: b"\xef\xbb\xbf" + data,
            lambda: text.encode("latin-1", "replace"),
        )
        return self.random.choice(ways)()


def _places(body: Json) -> Iterator[tuple[Any, Any]]:
    """Yield every object and list of a body with each of its keys or indexes."""
    for key in range(len(body)) if isinstance(body, list) else list(body):
        yield body, key
        if isinstance(body[key], dict | list):
            yield from _places(body[key])
