"""Writers who all work on the same records at once, and what they were told of their writes."""

import itertools
import time
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple

from tests.support.client import ApiClient
from tests.support.factories import NAMES, full, sample, schema_of
from tests.support.sales import as_sent
from tests.support.server import Answer

Json = dict[str, Any]
Send = Callable[..., Answer | None]
"""Sends a request (method, path, body, headers by name) and returns its answer, or None if the connection broke."""

STATUSES = {
    "created": {201},
    "updated": {200, 404, 412, 422},  # 422: a line that it keeps is gone
    "deleted": {204, 404, 412},
    "restored": {200},
}
"""What may be answered to each kind of write by the word for it, while others work on the same record."""
_WEIGHTS = {"created": 20, "updated": 45, "deleted": 15, "restored": 20}
_PARTS = 3
"""A body holds every third field: of other fields each time the server would make other statements each time."""
_RECENT = 48
"""So many records, the newest, are written to: they are few enough that writers meet."""


class Written(NamedTuple):
    """A write that was acknowledged."""

    word: str
    record_id: str
    version: int
    record: Json | None
    """The answer."""
    began: float
    ended: float


class Writers:
    """Create, update, delete and restore records of all resources at random, with values of every field."""

    def __init__(self, send: Send, api: ApiClient):
        self.written: list[Written] = []
        self.statuses: Counter[tuple[str, int]] = Counter()
        self._send = send
        self._values = {resource: [full(api, resource) for _ in range(2)] for resource in NAMES}
        """Records to refer to are made once and left alone: what shows in a record is then its own alone."""
        self._known: dict[str, Json] = {}
        """Records as they were answered last, by their paths."""
        self._deleted: list[str] = []

    def write_until(self, end: float, writer: int) -> None:
        """Write until a moment of the monotonic clock; `writer` is a number of its own for each who does so."""
        chance = Random(writer)
        for turn in itertools.count():
            if time.monotonic() > end:
                return
            (word,) = chance.choices([*_WEIGHTS], [*_WEIGHTS.values()])
            path = self._path(word, chance)
            if path is None:
                word, path = "created", f"/{chance.choice(NAMES)}"
            body = self._body(word, path, f"{writer} {turn}", chance)
            self._write(word, path, body, chance)

    def _path(self, word: str, chance: Random) -> str | None:
        recent = [*self._known][-_RECENT:] if word != "restored" else self._deleted[-_RECENT:]
        return chance.choice(recent) if recent and word != "created" else None

    def _body(self, word: str, path: str, mark: str, chance: Random) -> Json | None:
        """Return a body that holds any fields, among them one that nobody else has ever sent."""
        if word not in ("created", "updated"):
            return None
        resource = path.split("/")[1]
        values = chance.choice(self._values[resource])
        body = dict([*values.items()][chance.randrange(_PARTS) :: _PARTS])
        if "line_items" in body and chance.random() < 0.5:
            kept = self._known.get(path, {}).get("line_items", [])[-3:]
            body["line_items"] = [*map(as_sent, kept), *body["line_items"]]
        marked = next(name for name in ("description", "reference") if name in schema_of(resource).load_fields)
        return {**(sample(resource) if word == "created" else {}), **body, marked: mark}

    def _write(self, word: str, path: str, body: Json | None, chance: Random) -> None:
        method = {"created": "POST", "updated": "PUT", "deleted": "DELETE", "restored": "POST"}[word]
        headers = {}
        if word in ("updated", "deleted") and chance.random() < 0.2:
            headers["If-Match"] = f'"{self._known[path]["version"]}"'
        target = f"{path}/restore" if word == "restored" else path
        began = time.monotonic()
        answer = self._send(method, target, body, headers)
        if answer:
            self.statuses[word, answer.status] += 1
            if answer.status < 300:
                self._note(word, path, answer, began)

    def _note(self, word: str, path: str, answer: Answer, began: float) -> None:
        record = answer.data and answer.data["data"]
        if word == "created":
            path = f"{path}/{record['id']}"
        if record:
            self._known[path] = record
        else:
            self._deleted.append(path)
        version = record["version"] if record else int(answer.headers["ETag"].strip('"'))
        self.written.append(Written(word, path.split("/")[2], version, record, began, time.monotonic()))
