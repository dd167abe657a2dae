"""Walks by cursor through hard values: each record once, in the order of the list (beyond, section 15)."""

from itertools import permutations, product
from random import Random

import pytest

from tests.support.client import ApiClient
from tests.support.factories import NAMES, full, schema_of
from tests.support.list_model import in_order
from tests.support.walks import Json, pages, walk

LONGEST_LINK = 4096  # characters; gunicorn takes 8190 in a request's first line
SORTED = {
    resource: [name for name, field in schema_of(resource).dump_fields.items() if field.is_sorted] for resource in NAMES
}
KINDS = {"title": "text", "description": "text", "amount": "money", "expected_close": "timestamp"}
"""Of the fields of leads that are sorted by here."""
TITLES = [
    *("a", "A", "á", "Á", "a\u0301", "\uff41", "B", "b", "ß", "SS", "ss", "\u1e9e", "İ", "i", "\u0131", "I"),
    *("x" * 255, "X" * 255, "x" * 254 + "y", "ä" * 255, "Ä" * 255, "😀" * 255, "\ufffd", "😀", "'", '"', "%", "\\"),
    *("\u03a3", "\u03c2", "\u03c3", "a b", "a  b", "a"),
]

each_resource = pytest.mark.parametrize("resource", NAMES)


def read(api: ApiClient, path: str) -> Json:
    answer = api.get(path)
    assert answer.status_code == 200, answer.text
    body: Json = answer.json
    return body


def ids(records: list[Json]) -> list[str]:
    return [record["id"] for record in records]


def walked(api: ApiClient, resource: str, sort: str, size: int = 1) -> list[str]:
    """Return the ids of the records of a walk."""
    return ids(walk(lambda path: read(api, path), f"/{resource}?sort={sort}&per_page={size}&fields=id"))


def listed(api: ApiClient, resource: str, sort: str) -> list[Json]:
    records: list[Json] = read(api, f"/{resource}?sort={sort}&per_page=100")["data"]
    return records


@each_resource
def test_every_sort_is_walked_both_ways(api: ApiClient, resource: str) -> None:
    whole = full(api, resource)
    for body in ({}, whole, {}, whole, whole, {}):
        api.create(resource, **body)
    count = read(api, f"/{resource}")["meta"]["total"]
    for field, minus in product(SORTED[resource], ("", "-")):
        order = ids(listed(api, resource, minus + field))
        assert walked(api, resource, minus + field, size=2) == order, field
        assert len({*order}) == count


def test_nulls_in_several_keys_are_walked_in_every_direction(api: ApiClient) -> None:
    moments = (None, "2026-01-01T00:00:00Z", "9999-12-31T23:59:59Z")
    values = [*product((None, "b", "B"), (None, 0, 1.5), moments)]
    for description, amount, moment in Random(1).sample(values, 10):
        api.create("leads", title="Same", description=description, amount=amount, expected_close=moment)
    newest_first = listed(api, "leads", "-created_at")
    fields = ("description", "amount", "expected_close")
    sorts = [
        ",".join(f"{minus}{field}" for minus, field in zip(signs, keys, strict=False))
        for keys in permutations(fields, 2)
        for signs in product(("", "-"), repeat=2)
    ]
    for sort in [*fields, *(f"-{field}" for field in fields), *sorts, "-description,amount,-expected_close"]:
        expected = ids(in_order(newest_first, sort, KINDS, KINDS))
        assert ids(listed(api, "leads", sort)) == expected, sort
        assert walked(api, "leads", sort) == expected, sort


def test_text_is_walked_as_it_sorts(api: ApiClient) -> None:
    for place, title in enumerate(TITLES):
        description = None if place % 3 == 0 else (title * 300)[:2000] + str(place)
        api.create("leads", title=title, description=description)
    newest_first = listed(api, "leads", "-created_at")
    for sort in ("title", "-title", "description", "-description", "-description,title"):
        expected = ids(in_order(newest_first, sort, KINDS, KINDS))
        assert walked(api, "leads", sort) == expected, sort


def test_of_long_texts_of_one_beginning_the_newest_comes_first(api: ApiClient) -> None:
    bodies = [{"title": "Same", "description": "x" * 255 + end} for end in ("", "b", "a", "c" * 60_000)]
    rows = [api.create("leads", **body)["id"] for body in bodies][::-1]
    for sort in ("description", "-description", "title,-description"):
        assert walked(api, "leads", sort) == rows


def test_numbers_sort_as_numbers(api: ApiClient) -> None:
    api.post("/leads/batch/create", {"items": [{"title": "One"}] * 99}).get_json()
    rows = [api.create("leads")["id"] for _ in range(3)]
    assert [record["lead_id"] for record in listed(api, "leads", "-lead_id")[:3]] == ["L1102", "L1101", "L1100"]
    assert walked(api, "leads", "lead_id", size=40)[-3:] == rows


# What happens meanwhile


def test_a_cursor_outlives_the_record_that_it_was_made_after(api: ApiClient) -> None:
    rows = [api.create("leads", title="Same", description=text)["id"] for text in ("x", None, "y", None, "z", "z")]
    order = ids(listed(api, "leads", "-description,title"))
    for place in range(1, len(rows)):
        page = read(api, f"/leads?sort=-description,title&per_page={place}&cursor=")
        cursor = page["meta"]["next_cursor"]
        before, after = order[:place], order[place:]
        for record in before:
            api.delete(f"/leads/{record}")
        assert ids(read(api, f"/leads?cursor={cursor}")["data"]) == after
        api.delete(f"/leads/{after[0]}")
        assert ids(read(api, f"/leads?cursor={cursor}")["data"]) == after[1:]
        for record in [*before, after[0]]:
            api.post(f"/leads/{record}/restore")
    for record in rows:
        api.delete(f"/leads/{record}")
    page = read(api, f"/leads?cursor={cursor}")
    assert (page["data"], page["meta"]["next_cursor"], page["links"]["next"]) == ([], None, None)


def test_what_comes_meanwhile_moves_nothing(api: ApiClient) -> None:
    rows = [api.create("leads", title=f"{n}")["id"] for n in range(6)][::-1]
    shown = []
    for page in pages(lambda path: read(api, path), "/leads?per_page=2"):
        shown += ids(page["data"])
        api.create("leads", title="New")
        api.put(f"/leads/{rows[-1]}", {"title": f"Changed {len(shown)}"})
    assert shown == rows


# The size of a cursor


def hard_text(length: int, seed: int) -> str:
    """Return text that cannot be made shorter."""
    letters = [*range(0x4E00, 0x9FFF), *range(0x1F300, 0x1F5FF), *range(0x41, 0x5A)]
    return "".join(map(chr, Random(seed).choices(letters, k=length)))


def test_long_texts_make_no_giant_cursor(api: ApiClient) -> None:
    for seed in range(3):
        texts = {"name": hard_text(255, seed), "code": hard_text(255, -seed), "description": hard_text(60_000, seed)}
        api.create("products", **texts)
    for sort in ("description", "-description,name,code"):
        walked = [*pages(lambda path: read(api, path), f"/products?per_page=1&sort={sort}&fields=id")]
        assert [page["data"][0]["id"] for page in walked] == ids(listed(api, "products", sort))
        assert all(len(page["links"]["next"]) < LONGEST_LINK for page in walked[:-1])
