"""Totals that are worked out, over HTTP: what is written, what lines may leave out, and what is refused."""

from collections.abc import Sequence
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from tests.support.client import ApiClient
from tests.support.en16931 import Document, random_document, shuffled
from tests.support.sales import DOCUMENTS, Json, as_sent, contents, line, put, refused
from tests.support.server import in_parallel

every_document = pytest.mark.parametrize("kind", DOCUMENTS)
MONEY = ("subtotal", "discount", "tax", "adjustments", "total")
LARGEST = "9999999999999.99"
BEYOND = f"field must not be greater than {LARGEST}."


def computed(api: ApiClient, kind: str, *lines: Json, **fields: Any) -> Json:
    return api.create(kind, compute_totals=True, line_items=[*lines], **fields)


def figures(document: Json) -> tuple[Any, ...]:
    return tuple(document[name] for name in MONEY)


def rates(document: Json) -> list[tuple[Any, ...]]:
    return [(each["rate"], each["taxable"], each["tax"]) for each in document["tax_breakdown"]]


def faults_of(api: ApiClient, kind: str, *lines: Json, **fields: Any) -> Json:
    before = contents(api.app)
    body = {"title": "New", "compute_totals": True, "line_items": [*lines], **fields}
    faults = api.errors(api.post(f"/{kind}", body))
    assert contents(api.app) == before
    return faults


@pytest.fixture
def taxed(api: ApiClient) -> Json:
    """A product that is taxed at 19 %, and costs 32.50 dollars or 30 euros."""
    product = api.create("products", tax_rate=19, unit_price="32.50")
    return api.put(f"/products/{product['id']}", {"unit_price": 30, "currency": "EUR"}).json["data"]


@every_document
def test_tax_is_rounded_once_for_all_lines_of_a_rate(api: ApiClient, kind: str, taxed: Json) -> None:
    document = computed(api, kind, *({"product_id": taxed["id"], "quantity": count} for count in (3, 2, 1)))
    assert [item["amount"] for item in document["line_items"]] == [Decimal("97.50"), 65, Decimal("32.50")]
    assert sum(item["tax_amount"] for item in document["line_items"]) == Decimal("37.06")
    assert figures(document) == (195, None, Decimal("37.05"), None, Decimal("232.05"))
    assert rates(document) == [(19, 195, Decimal("37.05"))]
    assert document["compute_totals"] is True


@every_document
def test_totals_in_a_body_are_ignored_whatever_they_are(api: ApiClient, kind: str, taxed: Json) -> None:
    document = computed(api, kind, line(taxed), subtotal=1, tax="nonsense", total=-5)
    assert figures(document) == (10, None, Decimal("1.90"), None, Decimal("11.90"))
    path = f"/{kind}/{document['id']}"
    assert api.put(path, {"subtotal": [], "tax": None, "total": 7}).json["data"] == document
    assert api.put(path, {"subtotal": 7, "compute_totals": True}).json["data"] == document


@every_document
@pytest.mark.parametrize("sent", [None, False, 0, "0", ""])
def test_totals_are_kept_as_sent_unless_they_are_to_be_worked_out(
    api: ApiClient, kind: str, taxed: Json, sent: Any
) -> None:
    document = api.create(kind, compute_totals=sent, subtotal=1, total=-5, discount=-3, line_items=[line(taxed)])
    assert figures(document) == (1, -3, None, None, -5)
    assert document["compute_totals"] is False
    assert rates(document) == [(19, 10, Decimal("1.90"))]


@every_document
def test_totals_follow_every_write(api: ApiClient, kind: str, taxed: Json) -> None:
    document = computed(api, kind, line(taxed, amount=100))
    free = api.create("products", tax_rate=0)
    document = put(api, kind, document, discount=10, adjustments="-0.50")
    assert figures(document) == (100, 10, Decimal("17.10"), Decimal("-0.50"), Decimal("106.60"))
    document = put(api, kind, document, line_items=[line(free, amount=100), as_sent(document["line_items"][0])])
    assert figures(document) == (200, 10, Decimal("18.05"), Decimal("-0.50"), Decimal("207.55"))
    assert rates(document) == [(0, 95, 0), (19, 95, Decimal("18.05"))]
    document = put(api, kind, document, discount=None, adjustments=None)
    assert figures(document) == (200, None, 19, None, 219)
    document = put(api, kind, document, line_items=[], adjustments=5)
    assert figures(document) == (0, None, 0, 5, 5)
    assert rates(document) == []


@every_document
def test_working_out_begins_and_ends_with_a_change(api: ApiClient, kind: str, taxed: Json) -> None:
    document = api.create(kind, total=7, discount=10, line_items=[line(taxed, amount=100)])
    assert figures(document) == (None, 10, None, None, 7)
    document = put(api, kind, document, compute_totals=True)
    assert figures(document) == (100, 10, Decimal("17.10"), None, Decimal("107.10"))
    document = put(api, kind, document, compute_totals=False, tax=17)
    assert figures(document) == (100, 10, 17, None, Decimal("107.10"))
    document = put(api, kind, document, line_items=[])
    assert figures(document) == (100, 10, 17, None, Decimal("107.10"))


@every_document
def test_what_a_change_does_not_name_stays_worked_out(api: ApiClient, kind: str, taxed: Json) -> None:
    document = computed(api, kind, line(taxed))
    renamed = put(api, kind, document, terms="Soon", compute_totals=None)
    stamp = {"version": 2, "updated_at": renamed["updated_at"], "terms": "Soon"}
    assert renamed == {**document, **stamp}


@every_document
def test_a_line_keeps_its_tax_in_the_totals_until_it_is_written_otherwise(
    api: ApiClient, kind: str, taxed: Json
) -> None:
    document = computed(api, kind, line(taxed, amount=100), line(taxed, amount=200))
    api.put(f"/products/{taxed['id']}", {"tax_rate": 7})
    first, second = (as_sent(item) for item in document["line_items"])
    assert api.put(f"/{kind}/{document['id']}", {"line_items": [first, second]}).json["data"] == document
    shown = put(api, kind, document, line_items=[{**second, "comments": "New"}, first, line(taxed, amount=50)])
    assert [item["tax_rate"] for item in shown["line_items"]] == [7, 19, 7]
    assert rates(shown) == [(7, 250, Decimal("17.50")), (19, 100, 19)]
    assert figures(shown) == (350, None, Decimal("36.50"), None, Decimal("386.50"))


@every_document
def test_a_change_whose_values_are_its_own_changes_nothing(api: ApiClient, kind: str, taxed: Json) -> None:
    document = computed(api, kind, line(taxed), discount=1)
    money = {name: document[name] and str(document[name]) for name in MONEY}
    sent = {**money, "line_items": [as_sent(document["line_items"][0])]}
    assert api.put(f"/{kind}/{document['id']}", sent).json["data"] == document


@every_document
def test_the_history_tells_the_totals_and_the_tax_by_rate(api: ApiClient, kind: str, taxed: Json) -> None:
    document = computed(api, kind, line(taxed, amount=100))
    put(api, kind, document, discount=100)
    (change, _) = api.get(f"/{kind}/{document['id']}/changes").json["data"]
    expected = {"subtotal", "discount", "tax", "total", "tax_breakdown"} - {"subtotal"}
    assert change["changed"].keys() == expected | ({"amount_due"} if kind == "invoices" else set())
    assert change["changed"]["tax_breakdown"]["to"] == [{"rate": 19, "taxable": 0, "tax": 0}]


@every_document
def test_a_price_that_is_left_out_is_the_product_s_in_the_currency_of_the_document(
    api: ApiClient, kind: str, taxed: Json
) -> None:
    unpriced = {"product_id": taxed["id"], "quantity": "1.5", "unit_price": None}
    document = computed(api, kind, unpriced, {**unpriced, "amount": 7}, {**unpriced, "unit_price": 2}, currency="eur")
    shown = [(item["unit_price"], item["amount"]) for item in document["line_items"]]
    assert shown == [(30, 45), (30, 7), (2, 3)]
    document = put(api, kind, document, line_items=[{**unpriced, "id": document["line_items"][0]["id"]}])
    assert document["line_items"][0]["unit_price"] == 30
    document = put(api, kind, document, currency="USD", line_items=[unpriced])
    assert document["line_items"][0]["amount"] == Decimal("48.75")
    by_key = {"source": "erp", "key": "1"}
    api.put(f"/products/{taxed['id']}", {"external_keys": {"erp": "1"}, "unit_price": "0.01", "currency": "USD"})
    document = put(api, kind, document, line_items=[{**unpriced, "product_id": by_key}])
    assert document["line_items"][0]["amount"] == Decimal("0.02")


@every_document
def test_a_product_without_a_price_in_the_currency_is_refused(api: ApiClient, kind: str, taxed: Json) -> None:
    unpriced = {"product_id": taxed["id"], "quantity": 1}
    fault = {"line_items.1.unit_price": ["The product has no price in CHF."]}
    assert faults_of(api, kind, line(taxed), unpriced, currency="chf") == fault
    document = computed(api, kind, line(taxed), currency="CHF")
    assert refused(api, kind, document, line_items=[line(taxed), unpriced]) == fault
    assert refused(api, kind, document, currency="GBP", line_items=[unpriced]) == {
        "line_items.0.unit_price": ["The product has no price in GBP."]
    }
    assert put(api, kind, document, currency="USD", line_items=[unpriced])["total"] == Decimal("38.68")
    assert faults_of(api, kind, unpriced, currency="EURO").keys() == {"currency"}


@every_document
def test_price_and_amount_are_required_where_totals_are_not_worked_out(api: ApiClient, kind: str, taxed: Json) -> None:
    unpriced = {"product_id": taxed["id"], "quantity": 1}
    required = {
        f"line_items.0.{name}": [f"The line_items.0.{name} field is required."] for name in ("unit_price", "amount")
    }
    for sent in ({}, {"compute_totals": False}):
        assert api.errors(api.post(f"/{kind}", {"title": "New", "line_items": [unpriced], **sent})) == required
    document = computed(api, kind, unpriced)
    assert refused(api, kind, document, compute_totals=False, line_items=[unpriced]) == required
    assert put(api, kind, document, compute_totals="1", line_items=[unpriced])["total"] == Decimal("38.68")
    wrong = refused(api, kind, document, compute_totals="yes", line_items=[unpriced])
    assert wrong == {**required, "compute_totals": ["The compute_totals field must be true or false."]}


@every_document
def test_every_fault_of_a_line_is_told_and_nothing_is_made_of_it(api: ApiClient, kind: str, taxed: Json) -> None:
    lines = [
        {"product_id": taxed["id"], "quantity": 0},
        {"quantity": 1},
        {"product_id": taxed["id"], "quantity": 1, "unit_price": "x"},
        {"product_id": taxed["id"], "quantity": 1, "unit_price": -1, "amount": "y"},
        {"product_id": "00000000-0000-4000-8000-000000000000", "quantity": 1},
        "a line",
    ]
    assert faults_of(api, kind, *lines, discount=-1).keys() == {
        *("line_items.0.quantity", "line_items.1.product_id", "line_items.2.unit_price", "line_items.3.unit_price"),
        *("line_items.3.amount", "line_items.4.product_id", "line_items.5", "discount"),
    }


@every_document
@pytest.mark.parametrize("discount", ["-0.01", "10.01"])
def test_a_discount_lies_between_nothing_and_the_subtotal(
    api: ApiClient, kind: str, taxed: Json, discount: str
) -> None:
    bound = "be at least 0." if discount < "0" else "not be greater than 10.00."
    fault = {"discount": [f"The discount field must {bound}"]}
    assert faults_of(api, kind, line(taxed), discount=discount) == fault
    document = computed(api, kind, line(taxed), discount=10)
    assert figures(document) == (10, 10, 0, None, 0)
    assert refused(api, kind, document, discount=discount) == fault
    plain = api.create(kind, discount=discount, line_items=[line(taxed)])
    assert refused(api, kind, plain, compute_totals=True) == fault
    assert rates(plain) == [(19, 10, Decimal("1.90"))]


@every_document
def test_a_discount_of_before_bounds_the_lines_of_now(api: ApiClient, kind: str, taxed: Json) -> None:
    document = computed(api, kind, line(taxed, amount=50), discount=20)
    fault = {"discount": ["The discount field must not be greater than 19.99."]}
    assert refused(api, kind, document, line_items=[line(taxed, amount="19.99")]) == fault
    assert put(api, kind, document, line_items=[line(taxed, amount=20)])["total"] == 0


@every_document
def test_sums_beyond_the_bounds_of_money_are_refused(api: ApiClient, kind: str) -> None:
    free = api.create("products", tax_rate=0)
    dear = api.create("products", tax_rate=1000)
    most = line(free, amount=LARGEST)
    assert faults_of(api, kind, {"product_id": free["id"], "quantity": 2, "unit_price": LARGEST}) == {
        "line_items.0.amount": [f"The line_items.0.amount {BEYOND}"]
    }
    assert faults_of(api, kind, most, line(free, amount="0.01")) == {"subtotal": [f"The subtotal {BEYOND}"]}
    assert faults_of(api, kind, most, adjustments="0.01") == {"total": [f"The total {BEYOND}"]}
    taxed_to_excess = faults_of(api, kind, line(dear, amount=10**12), adjustments=-5 * 10**12)
    assert taxed_to_excess == {"total": [f"The total {BEYOND}"]}
    document = computed(api, kind, most, adjustments=f"-{LARGEST}")
    assert figures(document) == (Decimal(LARGEST), None, 0, -Decimal(LARGEST), 0)


@pytest.mark.parametrize("sent", [{"compute_totals": True}, {}])
def test_what_is_due_follows_a_total_that_is_worked_out(api: ApiClient, taxed: Json, sent: Json) -> None:
    invoice = computed(api, "invoices", line(taxed, amount=100))
    assert (invoice["amount_due"], invoice["amount_paid"]) == (119, 0)
    assert put(api, "invoices", invoice, discount=50, **sent)["amount_due"] == Decimal("59.50")


@every_document
def test_the_tax_by_rate_is_shown_where_records_are_and_only_if_it_is_asked_for(
    api: ApiClient, kind: str, taxed: Json
) -> None:
    document = computed(api, kind, line(taxed))
    empty = api.create(kind)
    assert [record["tax_breakdown"] for record in api.get(f"/{kind}").json["data"]] == [[], document["tax_breakdown"]]
    (found, *_) = api.get(f"/{kind}?fields=tax_breakdown&filter[compute_totals]=true").json["data"]
    assert found == {"id": document["id"], "tax_breakdown": document["tax_breakdown"]}
    assert api.get(f"/{kind}/{empty['id']}?fields=total").json["data"] == {"id": empty["id"], "total": None}


@every_document
def test_a_deleted_product_that_a_line_keeps_goes_on_giving_its_price_and_rate(
    api: ApiClient, kind: str, taxed: Json
) -> None:
    document = computed(api, kind, line(taxed))
    api.delete(f"/products/{taxed['id']}")
    sent = {"id": document["line_items"][0]["id"], "product_id": taxed["id"], "quantity": 2}
    assert put(api, kind, document, line_items=[sent])["total"] == Decimal("77.35")


@every_document
def test_batches_work_out_each_document_for_itself(api: ApiClient, kind: str, taxed: Json) -> None:
    unpriced = {"product_id": taxed["id"], "quantity": 2}
    shared = {"title": "New", "compute_totals": True}
    items = [
        {**shared, "line_items": [unpriced]},
        {**shared, "line_items": [unpriced], "discount": 66},
        {**shared, "line_items": [unpriced], "currency": "CHF"},
        {"title": "Plain", "line_items": [unpriced]},
        {**shared, "line_items": [unpriced], "currency": "EUR", "discount": 60},
    ]
    before = contents(api.app)
    assert api.errors(api.post(f"/{kind}/batch/create", {"items": items})).keys() == {
        *("items.1.discount", "items.2.line_items.0.unit_price"),
        *("items.3.line_items.0.unit_price", "items.3.line_items.0.amount"),
    }
    assert contents(api.app) == before
    answer = api.post(f"/{kind}/batch/create", {"items": items, "atomic": False}).json
    assert [item["status"] for item in answer["data"]] == [201, 422, 422, 422, 201]
    made = [item["data"] for item in answer["data"] if item["status"] == 201]
    assert [figures(document) for document in made] == [
        (65, None, Decimal("12.35"), None, Decimal("77.35")),
        (60, 60, 0, None, 0),
    ]
    changes = [
        {"id": made[0]["id"], "discount": 65},
        {"id": made[1]["id"], "line_items": [{**unpriced, "quantity": 1}]},
    ]
    faults = api.errors(api.post(f"/{kind}/batch/update", {"items": changes}))
    assert faults == {"items.1.discount": ["The items.1.discount field must not be greater than 30.00."]}
    changes[1]["discount"] = 0
    answer = api.post(f"/{kind}/batch/update", {"items": changes}).json
    assert [item["data"]["total"] for item in answer["data"]] == [0, Decimal("35.70")]


@every_document
def test_a_record_by_its_own_key_is_made_and_changed_with_its_totals(api: ApiClient, kind: str, taxed: Json) -> None:
    path = f"/{kind}/by/erp/1"
    body = {"title": "New", "compute_totals": True, "line_items": [{"product_id": taxed["id"], "quantity": 1}]}
    made = api.put(path, body)
    assert (made.status_code, made.json["data"]["total"]) == (201, Decimal("38.68"))
    assert api.put(path, {"adjustments": "0.32", "total": 1}).json["data"]["total"] == 39


@every_document
def test_random_documents_are_as_the_model_has_them(api: ApiClient, kind: str) -> None:
    """Fifty of each kind, in batches of ten; then the lines of each in another order."""
    random = Random(kind)
    products: dict[Decimal, str] = {}

    def body(document: Document) -> Json:
        lines = [
            {"product_id": products[each.rate], "quantity": str(each.quantity), "unit_price": str(each.unit_price)}
            for each in document.lines
        ]
        money = {"discount": str(document.discount), "adjustments": str(document.adjustments)}
        return {"title": "Random", "compute_totals": True, "line_items": lines, **money}

    documents = [random_document(random) for _ in range(50)]
    for rate in sorted({each.rate for document in documents for each in document.lines}):
        products[rate] = api.create("products", tax_rate=str(rate))["id"]
    made = []
    for start in range(0, 50, 10):
        items = [body(document) for document in documents[start : start + 10]]
        made.extend(item["data"] for item in api.post(f"/{kind}/batch/create", {"items": items}).json["data"])
    for document, shown in zip(documents, made, strict=True):
        assert_as_modelled(shown, document)
        lines = shuffled(random, [as_sent(item) for item in shown["line_items"]])
        assert_as_modelled(put(api, kind, shown, line_items=lines), document)


def assert_as_modelled(shown: Json, document: Document) -> None:
    modelled = (document.subtotal, document.discount, document.tax, document.adjustments, document.total)
    assert figures(shown) == modelled, document
    assert rates(shown) == document.breakdown
    assert sum(each["tax"] for each in shown["tax_breakdown"]) == shown["tax"]


def assert_consistent(shown: Json) -> None:
    """Hold the totals of a document against what it shows beside them."""
    assert shown["subtotal"] == sum(item["amount"] for item in shown["line_items"])
    assert shown["tax"] == sum(each["tax"] for each in shown["tax_breakdown"])
    assert shown["total"] == shown["subtotal"] - (shown["discount"] or 0) + shown["tax"] + (shown["adjustments"] or 0)


@every_document
def test_totals_fit_the_document_whoever_else_writes(api: ApiClient, kind: str, taxed: Json) -> None:
    """Each writer changes another part of what the totals are worked out from, and names nothing else."""
    document = computed(api, kind, line(taxed, amount=500))
    parts: Sequence[Any] = (
        lambda turn: {"discount": turn},
        lambda turn: {"adjustments": -turn},
        lambda turn: {"line_items": [line(taxed, amount=100 + turn)] * (1 + turn % 3)},
        lambda turn: {"compute_totals": turn % 2 == 0},
        lambda turn: {"total": turn, "terms": str(turn)},
        lambda turn: {"line_items": [line(taxed, amount=900 - turn)]},
    )

    def write(writer: int) -> None:
        for turn in range(8):
            answer = api.put(f"/{kind}/{document['id']}", parts[writer](turn))
            assert answer.status_code == 200, answer.text
            if answer.json["data"]["compute_totals"]:
                assert_consistent(answer.json["data"])

    in_parallel(len(parts), len(parts), write)
    assert_consistent(put(api, kind, document, compute_totals=True))


@every_document
def test_of_twenty_changes_at_once_each_leaves_what_it_does_not_name(api: ApiClient, kind: str, taxed: Json) -> None:
    """What it does not name it takes from the document, but never writes it as it was a moment before."""
    document = computed(api, kind, line(taxed, amount=100))
    path = f"/{kind}/{document['id']}"

    def write(writer: int) -> int:
        return api.put(path, {"discount": 1 + writer} if writer % 2 else {"adjustments": 1 + writer}).status_code

    assert {*in_parallel(20, 20, write)} == {200}
    changes = [change["changed"] for change in api.get(f"{path}/changes").json["data"] if change["changed"]]
    assert [len({"discount", "adjustments"} & changed.keys()) for changed in changes] == [1] * 20
    assert_consistent(api.get(path).json["data"])


@every_document
def test_a_line_of_another_document_is_refused_here_too(api: ApiClient, kind: str, taxed: Json) -> None:
    other, document = (computed(api, kind, line(taxed)) for _ in range(2))
    foreign = {"id": other["line_items"][0]["id"], "product_id": taxed["id"], "quantity": 1}
    assert refused(api, kind, document, line_items=[foreign]).keys() == {"line_items.0.id"}
