"""What a user of the generated Python client would write: a sale, from the login to the deletion."""

import sys

import crm_client as crm

url, email, password = sys.argv[1:]
MONEY = 1234567.89

configuration = crm.Configuration(host=url)
with crm.ApiClient(configuration) as client:
    credentials = crm.Credentials(email=email, password=password, device_name="Program")
    configuration.access_token = crm.AuthenticationApi(client).create_token(credentials).token

    people, products, quotes = crm.PeopleApi(client), crm.ProductsApi(client), crm.QuotesApi(client)
    person = people.create_person(crm.PersonCreate(first_name="Maria")).data
    product = products.create_product(crm.ProductCreate(name="Consulting", unit_price=MONEY)).data
    named = crm.RecordReference(str(product.id))
    lines = [crm.LineItemCreate(product_id=named, quantity=n, unit_price=MONEY, amount=MONEY) for n in (1, 2.5)]
    wanted = crm.QuoteCreate(
        title="Program", total=MONEY, person_id=crm.RecordReference(str(person.id)), line_items=lines
    )
    quote = quotes.create_quote(wanted).data
    assert quote.total == MONEY
    assert quote.person.id == person.id
    assert [(line.quantity, line.amount) for line in quote.line_items] == [(1, MONEY), (2.5, MONEY)]

    listed = quotes.list_quotes(sort=[crm.QuoteSort.QUOTE_BY_TOTAL_DESC, crm.QuoteSort.QUOTE_BY_TITLE], per_page=1)
    assert listed.data[0].id == quote.id
    changed = quotes.update_quote(str(quote.id), crm.QuoteUpdate(terms="14 days net")).data
    assert (changed.terms, changed.title, changed.version) == ("14 days net", "Program", 2)
    faults = None
    try:
        quotes.create_quote(crm.QuoteCreate(title=" "))
    except crm.exceptions.UnprocessableEntityException as refused:
        faults = refused.data.errors
    assert faults == {"title": ["The title field is required."]}
    quotes.delete_quote(str(quote.id))
    crm.AuthenticationApi(client).delete_token()
sys.stdout.write("done\n")
