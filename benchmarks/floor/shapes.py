"""The JSON of rows: leads, quotes with their lines."""

from collections import defaultdict
from typing import Any

from benchmarks.floor.statements import LEAD_LABELS, LINES, QUOTE_LABELS, Row, rows
from crm.schemas.totals import tax_breakdown

Json = dict[str, Any]


def dollars(cents: int | None) -> float | None:
    """Return an amount for JSON."""
    return None if cents is None else cents / 100


def quantity(ten_thousandths: int) -> float:
    """Return a quantity for JSON, a whole one as an integer."""
    whole, rest = divmod(ten_thousandths, 10_000)
    return ten_thousandths / 10_000 if rest else whole


def person(row: Row, at: int) -> Json | None:
    """Return the summary of the person whose columns begin at a position."""
    external_id, first, last = row[at : at + 3]
    if external_id is None:
        return None
    name = " ".join(filter(None, (first, last))) or None
    return {"id": external_id, "name": name, "first_name": first, "last_name": last}


def named(row: Row, at: int) -> Json | None:
    """Return the summary of a row with a name."""
    return None if row[at] is None else {"id": row[at], "name": row[at + 1]}


def titled(row: Row, at: int, number: str) -> Json | None:
    """Return the summary of a row with a number of that name and a title."""
    return None if row[at] is None else {"id": row[at], number: row[at + 1], "title": row[at + 2]}


def owner(row: Row, at: int) -> Json | None:
    """Return the summary of the owner."""
    return None if row[at] is None else {"id": row[at], "name": row[at + 1], "email": row[at + 2]}


def breakdown(charges: list[tuple[int, int]], discount: int | None) -> list[Json]:
    """Return the tax by rate on rates and amounts."""
    return [
        {"rate": rate / 10000, "taxable": dollars(taxable), "tax": dollars(tax)}
        for rate, taxable, tax in tax_breakdown(charges, discount or 0)
    ]


def labels(sql: str, ids: list[int]) -> dict[int, list[Json]]:
    """Return the labels of records by their ids."""
    found = defaultdict(list)
    for record_id, external_id, name, colour in rows(sql, ids):
        found[record_id].append({"id": external_id, "name": name, "hex": colour})
    return found


def leads(found: list[Row], known_labels: list[Json] | None = None) -> list[Json]:
    """Return the JSON of leads, whose labels may be known."""
    if known_labels is None:
        tags = labels(LEAD_LABELS, [row[0] for row in found])
    else:
        tags = {row[0]: known_labels for row in found}
    return [
        {
            "id": row[1],
            "lead_id": row[2],
            "title": row[3],
            "description": row[4],
            "amount": dollars(row[5]),
            "currency": row[6],
            "expected_close": row[7],
            "converted_at": row[8],
            "lead_source": named(row, 9),
            "pipeline_stage": named(row, 11),
            "person": person(row, 13),
            "organization": named(row, 16),
            "labels": tags.get(row[0], []),
            "owner": owner(row, 18),
            "version": row[21],
            "created_at": row[22],
            "updated_at": row[23],
            "deleted_at": None,
        }
        for row in found
    ]


def quotes(found: list[Row]) -> list[Json]:
    """Return the JSON of quotes with their lines."""
    ids = [row[0] for row in found]
    tags = labels(QUOTE_LABELS, ids)
    currencies = {row[0]: row[6] for row in found}
    lines = defaultdict(list)
    charges = defaultdict(list)
    for line in rows(LINES, ids):
        charges[line[0]].append((line[8], line[7]))
        lines[line[0]].append(
            {
                "id": line[1],
                "product_id": line[2],
                "product": {"id": line[2], "name": line[3], "code": line[4]},
                "quantity": quantity(line[5]),
                "unit_price": dollars(line[6]),
                "amount": dollars(line[7]),
                "tax_rate": line[8] / 10000,
                "tax_amount": dollars(line[9]),
                "currency": currencies[line[0]],
                "comments": line[10],
                "order": line[11],
            }
        )
    return [
        {
            "id": row[1],
            "quote_id": row[2],
            "title": row[3],
            "description": row[4],
            "reference": row[5],
            "currency": row[6],
            "issue_at": row[7],
            "expire_at": row[8],
            "terms": row[9],
            "subtotal": dollars(row[10]),
            "discount": dollars(row[11]),
            "tax": dollars(row[12]),
            "adjustments": dollars(row[13]),
            "total": dollars(row[14]),
            "compute_totals": row[15],
            "accepted_at": row[16],
            "rejected_at": row[17],
            "pipeline_stage": named(row, 18),
            "person": person(row, 20),
            "organization": named(row, 23),
            "lead": titled(row, 25, "lead_id"),
            "deal": titled(row, 28, "deal_id"),
            "labels": tags.get(row[0], []),
            "line_items": lines.get(row[0], []),
            "tax_breakdown": breakdown(charges.get(row[0], []), row[11]),
            "owner": owner(row, 31),
            "version": row[34],
            "created_at": row[35],
            "updated_at": row[36],
            "deleted_at": None,
        }
        for row in found
    ]
