"""Quantities of line items: above 0, with up to four decimals, kept exactly (contract, section 5)."""

from decimal import Decimal

import pytest
from flask import Flask
from hypothesis import example, given
from hypothesis import strategies as st
from marshmallow.exceptions import ValidationError

from crm.http.responses import ExactJSONProvider
from crm.schemas.fields import Quantity
from tests.support.sales import DOCUMENTS, as_sent, contents, line, put, quantities, refused

JSON = ExactJSONProvider(Flask(__name__))
MOST = 2147483647
TAKEN = {
    "1": "1",
    "1.5": "1.5",
    '"1.5"': "1.5",
    '" 1.5 "': "1.5",
    "0.0001": "0.0001",
    "1.23450": "1.2345",
    '"1.50000"': "1.5",
    "1." + "0" * 300: "1",
    "1e0": "1",
    "15E-1": "1.5",
    "2e3": "2000",
    '"007.10"': "7.1",
    "2147483647": "2147483647",
    "2147483646.9999": "2147483646.9999",
}
POSITIVE = "The F field must be greater than 0."
DECIMALS = "The F field must not have more than 4 decimals."
NUMBER = "The F field must be a number."
REFUSED = {
    **dict.fromkeys(["0", "-0", "0.0", '"0"', '"0.0000"', "-1", '"-1.5"', "-0.00001", "-1e999999999", "0e9"], POSITIVE),
    **dict.fromkeys(["0.00001", "1.23456", '"1.23456"', "1e-5", "1e-999999999", "2147483647.00001"], DECIMALS),
    **dict.fromkeys(["1." + "3" * 4000, "0.30000000000000004"], DECIMALS),
    **dict.fromkeys(["2147483648", "2147483647.5", "1e999999999", '"2147483648"', "1" + "0" * 4000], NUMBER),
    **dict.fromkeys(["true", "[]", "{}", '"1e0"', '"1,5"', '"1."', '".5"', '"+1"', '"٣"', '"x"', '"1 5"'], NUMBER),
}

each_document = pytest.mark.parametrize("kind", DOCUMENTS)


@pytest.mark.parametrize(("text", "value"), TAKEN.items(), ids=lambda text: text[:20])
def test_a_quantity_may_be_written_in_every_form_of_a_number(text, value):
    assert Quantity().deserialize(JSON.loads(text)) == int(Decimal(value) * 10000)


@pytest.mark.parametrize(("text", "sentence"), REFUSED.items(), ids=lambda text: text[:20])
def test_anything_else_is_refused_with_what_is_wrong_about_it(text, sentence):
    with pytest.raises(ValidationError) as error:
        Quantity().deserialize(JSON.loads(text))
    assert [message.replace(":field", "F") for message in error.value.messages] == [sentence]


@given(st.integers(1, MOST * 10000), st.booleans())
@example(MOST * 10000, False)
@example((MOST - 1) * 10000 + 9999, False)
def test_every_quantity_survives_the_way_in_and_out(ten_thousandths, as_text):
    written = f"{Decimal(ten_thousandths) / 10000:f}"
    assert Quantity().deserialize(JSON.loads(f'"{written}"' if as_text else written)) == ten_thousandths
    shown = JSON.dumps(Quantity().show(ten_thousandths))
    assert Decimal(shown) * 10000 == ten_thousandths
    assert ("." in shown) == (ten_thousandths % 10000 != 0)


@each_document
def test_quantities_go_through_create_show_list_and_update_exactly(api, kind):
    product = api.create("products")
    sent = [1, 1.5, "2.25", "0.0001", "3.0", 4.0, MOST, "2147483646.9999"]
    document = api.create(kind, line_items=[line(product, quantity=quantity) for quantity in sent])
    shown = [1, "1.5", "2.25", "0.0001", 3, 4, MOST, "2147483646.9999"]
    assert quantities(document) == [Decimal(quantity) for quantity in shown]
    assert [isinstance(quantity, int) for quantity in quantities(document)] == [isinstance(each, int) for each in shown]
    assert api.get(f"/{kind}/{document['id']}").json["data"] == document
    assert api.get(f"/{kind}").json["data"] == [document]
    kept = put(api, kind, document, line_items=[as_sent(item) for item in document["line_items"]])
    assert kept["line_items"] == document["line_items"]
    lines = [{**as_sent(item), "quantity": place + 0.5} for place, item in enumerate(document["line_items"])]
    assert quantities(put(api, kind, document, line_items=lines)) == [place + 0.5 for place in range(8)]
    table = contents(api.app)[f"{kind[:-1]}_line_items"]
    assert [row.quantity for row in table] == [place * 10000 + 5000 for place in range(8)]


@each_document
def test_a_faulty_quantity_is_named_by_its_place(api, kind):
    document = api.create(kind, line_items=[line(api.create("products"), quantity=1.5)])
    (kept,) = map(as_sent, document["line_items"])
    lines = [{**line(kept["product_id"]), "quantity": quantity} for quantity in (0, "1.00001", "two", None, MOST + 1)]
    assert refused(api, kind, document, line_items=lines) == {
        "line_items.0.quantity": ["The line_items.0.quantity field must be greater than 0."],
        "line_items.1.quantity": ["The line_items.1.quantity field must not have more than 4 decimals."],
        "line_items.2.quantity": ["The line_items.2.quantity field must be a number."],
        "line_items.3.quantity": ["The line_items.3.quantity field is required."],
        "line_items.4.quantity": ["The line_items.4.quantity field must be a number."],
    }


@each_document
def test_the_tax_of_a_fraction_is_that_of_its_amount(api, kind):
    product = api.create("products", tax_rate=19)
    sent = line(product, quantity=1.5, unit_price=33.33, amount="49.995")
    (item,) = api.create(kind, line_items=[sent])["line_items"]
    shown = [str(item[name]) for name in ("quantity", "unit_price", "amount", "tax_amount")]
    assert shown == ["1.5", "33.33", "50.0", "9.5"]
