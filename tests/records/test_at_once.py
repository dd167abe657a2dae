"""Many requests that write the same records at the same moment: each is done whole, and one after the other."""

from collections import Counter
from random import Random
from typing import Any

import pytest

from crm.models import Label
from tests.support.client import ApiClient, CommandLine
from tests.support.factories import NAMES, create_lookup, sample
from tests.support.sales import DOCUMENTS, Json, as_sent, line
from tests.support.server import in_parallel

THREADS = 8
ROUNDS = 10
CURRENCIES = ["CHF", "EUR", "GBP", "USD"]


def put(api: ApiClient, path: str, body: Json) -> Any:
    answer = api.put(path, body)
    assert answer.status_code == 200, answer.text
    return answer.json["data"]


def mended(api: ApiClient) -> str:
    return CommandLine(api.app).done("recount")


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_a_document_is_as_one_of_its_writers_left_it(api: ApiClient, kind: str) -> None:
    products = [api.create("products")["id"] for _ in range(3)]
    label_ids = [create_lookup(api.app, Label) for _ in range(THREADS)]
    path = f"/{kind}/{api.create(kind, line_items=[line(products[0])] * 3)['id']}"

    def written_by(writer: int, turn: int) -> Json:
        """Return a body that tells in all its parts whose it is; it keeps lines which others may have removed."""
        mark = f"{writer} {turn}"
        present = [as_sent(each) for each in api.get(path).json["data"]["line_items"][: turn % 3]]
        kept = [{**each, "comments": mark} for each in present]
        added = [line(products[n % 3], comments=mark) for n in range(1 + (writer + turn) % 4)]
        return {"terms": mark, "labels": label_ids[: writer + 1], "line_items": [*added, *kept]}

    def write(writer: int) -> Counter[int]:
        answers = [api.put(path, written_by(writer, turn)) for turn in range(ROUNDS)]
        assert all(is_whole(answer.json["data"]) for answer in answers if answer.status_code == 200)
        return Counter(answer.status_code for answer in answers)

    def is_whole(document: Json) -> bool:
        lines = document["line_items"]
        marks = {document["terms"], *(each["comments"] for each in lines)}
        writer = int(document["terms"].split()[0])
        labels = {each["id"] for each in document["labels"]}
        orders = [each["order"] for each in lines]
        return len(marks) == 1 and labels == {*label_ids[: writer + 1]} and orders == [*range(1, len(lines) + 1)]

    statuses = sum(in_parallel(THREADS, THREADS, write), Counter())
    assert {*statuses} <= {200, 422}, statuses  # 422: a line that it keeps is gone
    assert statuses[200] >= THREADS
    assert is_whole(api.get(path).json["data"])
    assert mended(api) == "0 counters mended.\n"


def test_a_product_has_the_last_price_of_each_currency_and_one_default(api: ApiClient) -> None:
    path = f"/products/{api.create('products')['id']}"

    def write(writer: int) -> None:
        currency = CURRENCIES[writer % len(CURRENCIES)]
        for turn in range(ROUNDS):
            prices = put(api, path, {"unit_price": turn, "currency": currency})["prices"]
            assert [price["default"] for price in prices] == [True] + [False] * (len(prices) - 1)

    in_parallel(THREADS, THREADS, write)
    prices = api.get(path).json["data"]["prices"]
    assert {price["currency"]: price["unit_price"] for price in prices} == dict.fromkeys(CURRENCIES, ROUNDS - 1)
    assert [price["default"] for price in prices] == [True, False, False, False]


@pytest.mark.parametrize("resource", NAMES)
def test_totals_and_numbers_are_right_after_all_verbs_at_once(api: ApiClient, resource: str) -> None:
    paths = [f"/{resource}/{api.create(resource)['id']}" for _ in range(4)]

    def write(writer: int) -> Counter[int]:
        pick = Random(writer)
        statuses: Counter[int] = Counter()
        for _ in range(ROUNDS):
            path = pick.choice(paths)
            method, target = pick.choice(
                [("DELETE", path), ("POST", f"{path}/restore"), ("PUT", path), ("POST", f"/{resource}")]
            )
            statuses[api.request(method, target, json=sample(resource)).status_code] += 1
        return statuses

    statuses = sum(in_parallel(THREADS, THREADS, write), Counter())
    assert {*statuses} <= {200, 201, 204, 404}, statuses
    live = sum(api.get(path).status_code == 200 for path in paths) + statuses[201]
    assert api.get(f"/{resource}").json["meta"]["total"] == live
    assert mended(api) == "0 counters mended.\n"
