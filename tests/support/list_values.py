"""Hard values of every kind of field, to put into the records of a list and to ask for."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from crm.schemas import fields
from crm.schemas.collections.contact_details import Emails, Phones
from crm.schemas.collections.external_keys import ExternalKeys
from crm.schemas.collections.labels import Labels
from crm.schemas.references import NumberedReference, Reference
from tests.support.client import UNKNOWN
from tests.support.factories import schema_of

_KIND_OF: dict[Any, str] = {
    NumberedReference: "row id",
    Reference: "id",
    Labels: "labels",
    Emails: "emails",
    Phones: "phones",
    ExternalKeys: "keys",
    fields.UuidField: "id",
    fields.Number: "number",
    fields.Currency: "currency",
    fields.Text: "text",
    fields.Percent: "percent",
    fields.Money: "money",
    fields.Integer: "integer",
    fields.Timestamp: "timestamp",
    fields.Day: "day",
    fields.Boolean: "truth",
}
"""Of a field of two of these classes the first counts."""

_LONG = "Ä long one 😀 " * 40
TEXTS = [
    *(
        "Straße nach Łódź",
        "strasse",
        "STRASSE",
        "Müller & Søn",
        "MÜLLER",
        "muller",
        "Muller",
        "İstanbul",
        "\u0131stanbul",
    ),
    *(
        "ΑΣ ας",
        "й и Й",
        "が か",
        "😀 smile",
        "100%",
        "a_b",
        "a\\b",
        "Æther œuvre",
        "Þór",
        "\ufb01n",
        "e\u0301",
        "é",
        "z",
    ),
    *(
        "two  words\nand line",
        "L9999",
        'it\'s "so"',
        "\uffee",
        "\U0001f937\U0001f3fd",
        "\u01c5",
        "x" * 255,
        _LONG,
        f"{_LONG}!",
    ),
]
_MOMENTS = [
    *("0001-01-01T00:00:00+00:00", "1969-12-31T23:59:59+00:00", "2026-01-01T00:00:00+00:00"),
    *("2026-01-01T00:00:01+00:00", "9999-12-31T23:59:59+00:00"),
]
SENT: dict[str, list[Any]] = {
    "text": TEXTS,
    "currency": ["EUR", "usd", "JPY"],
    "integer": [0, 1, 7, 1000, 2147483647],
    "money": [0, 0.01, 1234.5, 1234.49, "0.005", 10000, 9999999999999.99, -0.01, -5, -9999999999999.99],
    "percent": [0, "0.0001", "0.00005", 12.5, 1000],
    "timestamp": [*_MOMENTS, "2026-01-01T01:00:00.999+01:00"],
    "day": ["0001-01-01", "1985-04-12T23:30:00-12:00", "2000-02-29", "9999-12-31"],
    "truth": [True, False],
    "emails": ["Grace.Hopper@Example.com", "grace.hopper@example.org", "o'neil+1%_@m\u00fcller.example", "a@b.example"],
    "phones": ["+49 (30) 123-45", "0049 30 12345", "\u0664\u0669 555", "Reception", "555", "ext. 555 & 1", "+"],
}
"""What clients send, by kind."""
KEPT: dict[str, list[Any]] = {
    "timestamp": [datetime.fromisoformat(moment) for moment in _MOMENTS],
    "money": [0, 1, 123450, 999999999999999],
    "integer": [1, 2, 7],
}
"""What stands in columns that no client can set."""

_VAST = ["99999999999", "-99999999999", "9" * 40]
_PIECES = {text[start : start + length] for text in TEXTS for start in (0, 1, 5) for length in (1, 3, 6, 300)}
ASKED: dict[str, list[str]] = {
    "text": sorted(
        {case for piece in _PIECES for case in (piece, piece.lower(), piece.upper())} | {"nothing", "%", "_"}
    ),
    "currency": ["eur", "EUR", "Usd", "XXX"],
    "row id": ["0", "-1", *_VAST],
    "id": [UNKNOWN],
    "labels": [UNKNOWN],
    "number": ["L9", "x", "\u01311"],
    "integer": ["0", "-1", "007", *_VAST],
    "money": ["0", "-5", "0.005", "-0.005", "1234.5000", "0.01", *_VAST],
    "percent": ["0", "0.00005", "-1", "1000.00004", *_VAST],
    "timestamp": ["2026-01-01T00:00:00.5Z", "2025-12-31T23:00:01-01:00", "1970-01-01T00:00:00+00:00"],
    "day": ["1985-04-12", "1985-04-13T00:00:00+12:00", "0001-01-02"],
    "truth": ["true", "false", "1", "0"],
    "keys": ["none", "key 1", "%"],
    "emails": ["nobody@example.com", "a@b.exampl", "%@b.example"],
    "phones": ["12345", "5", "none", "4930 123 45", "%"],
}
"""What is asked for beside what is there, by kind."""


def kinds_of(resource: str) -> dict[str, str]:
    """Return the kinds of the fields of a resource that a filter can ask."""
    asked = {name: field for name, field in schema_of(resource).fields.items() if getattr(field, "is_asked", False)}
    return {name: next(_KIND_OF[kind] for kind in _KIND_OF if isinstance(field, kind)) for name, field in asked.items()}


def values_of(field: Any, kind: str) -> Iterable[Any]:
    """Return the hard values that a field takes."""
    if kind == "text":
        return [text[: field.max_length] for text in TEXTS]
    return [value for value in SENT[kind] if kind != "money" or field.min is None or not str(value).startswith("-")]
