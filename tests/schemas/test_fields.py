"""How each kind of scalar is read and shown (contract, section 1)."""

from decimal import Decimal

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from marshmallow.exceptions import ValidationError

from crm.http.responses import ExactJSONProvider
from crm.schemas import fields
from crm.schemas.auth import Credentials
from tests.support.factories import field_of, fields_of, sample

JSON = ExactJSONProvider(Flask(__name__))
MOST_CENTS = 999999999999999
TEXTS = [(resource, name) for resource, name in fields_of(fields.Text) if type(field_of(resource, name)) is fields.Text]
LENGTHS = {"description": 65535, "terms": 65535, "gender": 50, "unit": 50}
"""The most characters of a text; 255 for all others."""
INTEGERS = ["0", "7", "-0", "1.0", "3e2", "100e-2", '"12"', '"-0"', '" 5 "', "2147483647", '"2147483647"', '"007"']
NO_INTEGERS = [
    *(
        "1.5",
        "true",
        "false",
        "[]",
        "{}",
        '"1.0"',
        '"1e3"',
        '"+1"',
        '"٣"',
        '"1 2"',
        '"x"',
        "2147483648",
        '"2147483648"',
    ),
    *("1e999999999", "-1e999999999", "1e-999999999", '"' + "9" * 5000 + '"', "1" + "0" * 4000),
]
NO_MONEY = [
    *("true", "false", "[]", "{}", '"1,5"', '"1."', '".5"', '"+1"', '"1e3"', '"٣"', '"$1"', '"1 000"', '"NaN"', '"x"'),
    *("10000000000000", "9999999999999.995", '"9999999999999.995"', "1e13", "1e999999999", "1e99999", '"Infinity"'),
    *("1" + "0" * 4000, '"' + "9" * 5000 + '"'),
]
ROUNDED = {
    "0.005": 1,
    "0.0049999": 0,
    "1.005": 101,
    "2.675": 268,
    "1.115": 112,
    "1e-999999999": 0,
    "1e-7": 0,
    "-0": 0,
    '"1500.5"': 150050,
    '"007.10"': 710,
    "1e2": 10000,
    "15E-1": 150,
    "9999999999999.994": MOST_CENTS,
    "9999999999999.99": MOST_CENTS,
    "0." + "4" * 500: 44,
    '" 2.5 "': 250,
}


def read(field, text):
    """Return what a field makes of a value that stands in a body as `text`."""
    return field.deserialize(JSON.loads(text))


def refused(field, value):
    """Return the sentence with which a field refuses a Python value."""
    with pytest.raises(ValidationError) as error:
        field.deserialize(value)
    (sentence,) = error.value.messages
    return sentence.replace(":field", "F")


each_text = pytest.mark.parametrize(("resource", "name"), TEXTS)
each_money = pytest.mark.parametrize(("resource", "name"), fields_of(fields.Money))


@each_text
def test_a_text_is_as_long_as_it_may_be_in_characters_not_bytes(api, resource, name):
    limit = LENGTHS.get(name, 255)
    fits = "😀" * limit
    record = api.create(resource, **{name: f" {fits}\n"})
    assert record[name] == fits
    answer = api.put(f"/{resource}/{record['id']}", {name: fits + "x"})
    assert api.errors(answer) == {name: [f"The {name} field must not be greater than {limit} characters."]}


@each_text
def test_a_text_is_kept_exactly_but_for_the_space_around_it(api, resource, name):
    for text in (
        "a  b\r\n\tc",
        "e\u0301 é ﬁ İ ß",
        "x\u200b\u200d\x01\x7fx",
        "<b>&amp;'\"\\%s{}$1",
        "\U0010ffff\ufffe",
        "0",
    ):
        record = api.create(resource, **{name: f" \n{text}\t "})
        assert record[name] == api.get(f"/{resource}/{record['id']}").json["data"][name] == text


@each_text
def test_a_text_takes_nothing_but_strings_of_unicode_without_u0000(resource, name):
    for value in [1, 1.5, True, [], {}, ["x"], "a\0b", "\0", "\ud800", "a\udfffb"]:
        assert refused(field_of(resource, name), value) == "The F field must be a string."


@each_text
def test_a_blank_text_is_the_same_as_null(resource, name):
    field = field_of(resource, name)
    for blank in ["", " ", "\t\r\n ", "\u00a0\u2003"]:
        if field.required:
            assert refused(field, blank) == refused(field, None) == "The F field is required."
        else:
            assert field.deserialize(blank) is field.deserialize(None) is None


@pytest.mark.parametrize("escape", [r"\ud800", r"\udc00x", r"\ud83d \ude00"])
def test_a_lone_surrogate_in_a_body_is_refused(api, escape):
    body = f'{{"first_name": "{escape}"}}'
    answer = api.request("POST", "/people", data=body, content_type="application/json")
    assert answer.status_code in (400, 422)


def test_a_pair_of_surrogates_is_one_character(api):
    body = r'{"first_name": "\ud83d\ude00"}'
    answer = api.request("POST", "/people", data=body, content_type="application/json")
    assert answer.json["data"]["first_name"] == "😀"


@pytest.mark.parametrize("text", INTEGERS)
def test_an_integer_may_be_written_in_every_form_of_the_contract(text):
    value = read(fields.Integer(), text)
    assert value == float(text.strip('" '))
    assert type(value) is int


@pytest.mark.parametrize("text", NO_INTEGERS, ids=lambda text: text[:15])
def test_anything_else_is_no_integer(text):
    assert refused(fields.Integer(), JSON.loads(text)) == "The F field must be an integer."


def test_an_integer_is_at_least_its_minimum(api):
    answer = api.post("/organizations", {"name": "A", "number_of_employees": -1})
    assert api.errors(answer) == {"number_of_employees": ["The number_of_employees field must be at least 0."]}
    for count in (0, 2147483647):
        assert api.create("organizations", number_of_employees=str(count))["number_of_employees"] == count


@pytest.mark.parametrize(
    ("text", "value"),
    [("true", True), ("false", False), ("1", True), ("0", False), ('"1"', True), ('"0"', False)],
)
def test_a_boolean_may_be_written_in_every_form_of_the_contract(text, value):
    assert read(fields.Boolean(), text) is value


@pytest.mark.parametrize("text", ["2", "-1", '"true"', '"yes"', '"01"', '"2"', "[]", "{}", "[1]", "1.5", "1e999999999"])
def test_anything_else_is_no_boolean(text):
    assert refused(fields.Boolean(), JSON.loads(text)) == "The F field must be true or false."


@each_money
@given(cents=st.integers(-MOST_CENTS, MOST_CENTS), as_string=st.booleans())
def test_every_amount_of_cents_survives_the_way_in_and_out(resource, name, cents, as_string):
    field = field_of(resource, name)
    cents = abs(cents) if field.min == 0 else cents
    dollars = f"{Decimal(cents) / 100:f}"
    assert read(field, f'"{dollars}"' if as_string else dollars) == cents
    assert Decimal(JSON.dumps(field.show(cents))) * 100 == cents


@given(st.decimals(-9999999999999, 9999999999999, places=5))
def test_money_rounds_half_up_away_from_zero(dollars):
    cents, rest = divmod(abs(int(dollars * 100000)), 1000)
    expected = (cents + (rest >= 500)) * (-1 if dollars < 0 else 1)
    assert read(fields.Money(), f"{dollars:f}") == expected


@pytest.mark.parametrize(("text", "cents"), ROUNDED.items(), ids=lambda value: str(value)[:20])
def test_money_is_read_without_floats(text, cents):
    negative = f'"-{text[1:].lstrip()}' if text[0] == '"' else f"-{text}".replace("--", "")
    assert read(fields.Money(), text) == cents
    assert read(fields.Money(), negative) == -cents


@pytest.mark.parametrize("text", NO_MONEY, ids=lambda text: text[:20])
def test_anything_else_is_no_money(text):
    assert refused(fields.Money(), JSON.loads(text)) == "The F field must be a number."
    assert refused(fields.Money(min=0), JSON.loads(text)) == "The F field must be a number."


@pytest.mark.parametrize("text", ["-10000000000000", "-9999999999999.995", "-1e999999999", '"-10000000000000"'])
def test_money_has_a_bound_below_as_above(text):
    assert refused(fields.Money(), JSON.loads(text)) == "The F field must be a number."


@each_money
def test_money_goes_through_http_exactly(api, resource, name):
    for text in ("0", "0.01", "0.1", "1500.5", "4503599627370.49", "9999999999999.99"):
        body = JSON.dumps(sample(resource))[:-1] + (", " if sample(resource) else "") + f'"{name}": {text}}}'
        answer = api.request("POST", f"/{resource}", data=body, content_type="application/json")
        assert answer.status_code == 201
        shown = JSON.loads(answer.text)["data"]
        if resource == "products":
            (shown,) = shown["prices"]
        assert shown[name] == Decimal(text)


@each_money
def test_money_that_may_not_be_negative_is_refused_below_zero(resource, name):
    field = field_of(resource, name)
    if name in ("subtotal", "discount", "tax", "adjustments", "total"):
        assert read(field, "-0.01") == -1
    else:
        assert refused(field, Decimal("-0.01")) == "The F field must be at least 0."
        assert read(field, "-0.00") == 0


@pytest.mark.parametrize(("resource", "name"), fields_of(fields.Currency))
def test_a_currency_is_three_ascii_letters_kept_in_upper_case(resource, name):
    field = field_of(resource, name)
    assert field.deserialize(" eUr ") == "EUR"
    for wrong in ("EURO", "E", "U$D", "ÄÖÜ", "12A", "\uff35\uff33\uff24", "ßßß", "U D", "ǆab", "\u0131ab"):
        assert refused(field, wrong) in ("The F field must be 3 characters.", "The selected F is invalid.")
    for wrong in (123, True, [], "a\0b"):
        assert refused(field, wrong) == "The F field must be a string."


def test_an_email_has_the_form_of_one():
    email = Credentials().load_fields["email"]
    assert email.deserialize(" Jane@Example.com ") == "Jane@Example.com"
    for wrong in ("jane", "@example.com", "jane@", "a b@example.com", "jane@example.com\0x"):
        assert refused(email, wrong) in ("The F field must be a valid email address.", "The F field must be a string.")


def test_a_password_is_taken_as_sent():
    password = Credentials().load_fields["password"]
    assert password.deserialize("  secret\n") == "  secret\n"
