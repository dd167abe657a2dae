"""Money is exact: any amount of cents comes back as it was sent, in every money field."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from crm.blueprints import RESOURCES
from crm.schemas.collections.line_items import LineItemSchema
from crm.schemas.fields import Money
from tests.support.client import ApiClient
from tests.support.sales import DOCUMENTS, Json, as_sent, fields_of, line, put, read_row

MOST = 999_999_999_999_999
KINDS = [kind for kind in RESOURCES if fields_of(kind, Money)]
LINE_MONEY = [name for name, field in LineItemSchema().load_fields.items() if isinstance(field, Money)]
any_examples = settings(
    derandomize=True, deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
cents = st.integers(0, MOST) | st.integers(0, 10_000) | st.integers(MOST - 1000, MOST)


def forms_of(amount: int) -> tuple[Any, ...]:
    """Return an amount of cents as clients may send it: a JSON number, and a string."""
    return amount / 100, str(dollars(amount))


def dollars(amount: int) -> Decimal:
    return Decimal(amount).scaleb(-2)


def money_shown(record: Json, names: list[str]) -> list[Decimal]:
    """Return the money that a record shows; a product shows its unit price as the one of its prices."""
    (price,) = record.get("prices", [{}])
    return [{**record, **price}[name] for name in names]


def drawn(names: list[str], amounts: list[int], kind: Any) -> list[int]:
    """Return an amount for each field, negative ones for those that take them."""
    fields = kind.schema().load_fields
    signs = [1 if fields[name].min == 0 else (-1) ** place for place, name in enumerate(names)]
    return [sign * amount for sign, amount in zip(signs, amounts, strict=False)]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.model.__tablename__)
@any_examples
@given(st.lists(cents, min_size=5, max_size=5), st.lists(cents, min_size=5, max_size=5))
@example([MOST] * 5, [0, 1, 10, 99, 100])
@example([29, 57, 58, 113, 115], [MOST - 1] * 5)
def test_any_cents_survive_create_show_list_and_update(
    api: ApiClient, kind: Any, first: list[int], second: list[int]
) -> None:
    resource, names = kind.model.__tablename__, fields_of(kind, Money)
    assert len(names) <= 5
    record = api.create(resource)
    for form, amounts in enumerate((drawn(names, first, kind), drawn(names, second, kind))):
        sent = {name: forms_of(amount)[form] for name, amount in zip(names, amounts, strict=False)}
        expected = [dollars(amount) for amount in amounts]
        created = api.create(resource, **sent)
        updated = put(api, resource, record, **sent)
        listed = api.get(f"/{resource}?per_page=1").json["data"][0]
        assert listed == created
        assert money_shown(created, names) == money_shown(updated, names) == expected
        stored = read_row(api.app, kind.model, record["id"])._mapping
        columns = {name: amount for name, amount in zip(names, amounts, strict=False) if name != "unit_price"}
        assert {name: stored[name] for name in columns} == columns


@pytest.mark.parametrize("kind", DOCUMENTS)
@any_examples
@given(st.lists(st.tuples(cents, cents), min_size=1, max_size=8))
@example([(10, 10)] * 8)
@example([(MOST, MOST)] * 8)
def test_the_money_of_lines_is_exact_and_their_sums_never_drift(
    api: ApiClient, kind: str, amounts: list[tuple[int, int]]
) -> None:
    assert LINE_MONEY == ["unit_price", "amount"]
    product = api.create("products", tax_rate=0)["id"]
    lines = [line(product, unit_price=forms_of(price)[0], amount=forms_of(amount)[1]) for price, amount in amounts]
    document = api.create(kind, line_items=lines)
    for _ in range(3):
        for place, name in enumerate(LINE_MONEY):
            shown = [item[name] for item in document["line_items"]]
            assert shown == [dollars(amount[place]) for amount in amounts]
            assert int(sum(shown) * 100) == sum(amount[place] for amount in amounts)
        assert api.get(f"/{kind}?per_page=1").json["data"] == [document]
        document = put(api, kind, document, line_items=[as_sent(item) for item in document["line_items"]])


@any_examples
@given(st.integers(-(10**15), 10**15), st.booleans())
@example(5_000, False)
@example(-5_000, False)
@example(4_999, True)
def test_what_has_more_decimals_is_rounded_half_away_from_zero(api: ApiClient, millionths: int, as_text: bool) -> None:
    sent = Decimal(millionths).scaleb(-6)
    cents = (abs(millionths) + 5_000) // 10_000 * (1 if millionths >= 0 else -1)
    assert api.create("orders", total=f"{sent:f}" if as_text else float(sent))["total"] == dollars(cents)


@any_examples
@given(st.integers(0, 9_999_999_999), st.integers(0, 10_000_000))
def test_the_tax_of_a_line_is_its_exact_share_rounded_half_up(api: ApiClient, amount: int, rate: int) -> None:
    product = api.create("products", tax_rate=str(Decimal(rate).scaleb(-4)))
    (item,) = api.create("quotes", line_items=[line(product, amount=str(dollars(amount)))])["line_items"]
    tax = Decimal(amount) * rate / 1_000_000
    assert item["tax_amount"] * 100 == int(tax + Decimal("0.5"))
    assert item["tax_rate"] == Decimal(rate).scaleb(-4)
