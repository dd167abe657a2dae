"""A client that openapi-python-client makes of the description, unedited, works against a live server."""

import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from crm.blueprints import PREFIX
from tests.support.factories import PASSWORD
from tests.support.owner import OWNER

PACKAGE = "generated_crm_client"


@pytest.fixture(scope="module")
def generated(server, tmp_path_factory):
    """The folder of a client made of the description that the server serves."""
    folder = tmp_path_factory.mktemp("generated")
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none", "--fail-on-warning"]
    options = ["--url", f"{server.url}{PREFIX}/openapi.json", "--output-path", str(folder / PACKAGE)]
    environ = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}  # it calls ruff
    done = subprocess.run([*command, *options], capture_output=True, text=True, cwd=folder, env=environ)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "warning" not in (done.stdout + done.stderr).lower()
    return folder


@pytest.fixture
def part(generated, monkeypatch):
    """Import a module of the client by its name."""
    monkeypatch.syspath_prepend(generated)
    return lambda name="": importlib.import_module(f"{PACKAGE}{name and '.'}{name}")


def test_it_takes_a_quote_with_lines_through_its_life(server, part):
    api, models = part(), part("models")
    url = server.url + PREFIX
    with api.Client(base_url=url, raise_on_unexpected_status=True) as stranger:
        credentials = models.Credentials(email=OWNER, password=PASSWORD, device_name="Generated client")
        token = part("api.authentication.create_token").sync(client=stranger, body=credentials).token

    with api.AuthenticatedClient(base_url=url, token=token, raise_on_unexpected_status=True) as client:
        product = part("api.products.create_product").sync(
            client=client, body=models.ProductCreate(name="Consulting day", unit_price=950.0)
        )
        lines = [
            models.LineItemCreate(product_id=product.data.id, quantity=n, unit_price=950.0, amount=950.0 * n)
            for n in (1, 2)
        ]
        quote = part("api.quotes.create_quote").sync(
            client=client, body=models.QuoteCreate(title="Two days", total=2850.0, line_items=lines)
        )
        assert [line.amount for line in quote.data.line_items] == [950.0, 1900.0]
        assert quote.data.quote_id.startswith("Q")
        assert quote.data.line_items[0].product.name == "Consulting day"

        listed = part("api.quotes.list_quotes").sync(
            client=client, sort=[models.QuoteSort.QUOTE_BY_TOTAL_DESC], per_page=1
        )
        assert listed.data[0].id == quote.data.id
        assert listed.meta.total == 1

        kept = models.LineItemUpdate(
            id=quote.data.line_items[1].id, product_id=product.data.id, quantity=3, unit_price=950.0, amount=2850.0
        )
        changed = part("api.quotes.update_quote").sync(
            quote.data.id, client=client, body=models.QuoteUpdate(line_items=[kept], terms="14 days net")
        )
        assert [(line.id, line.quantity) for line in changed.data.line_items] == [(kept.id, 3)]
        assert (changed.data.title, changed.data.terms) == ("Two days", "14 days net")

        first, again = (
            part("api.quotes.create_quote").sync_detailed(
                client=client, body=models.QuoteCreate(title="Once"), idempotency_key="generated-client"
            )
            for _ in range(2)
        )
        assert again.parsed.data.id == first.parsed.data.id
        assert again.headers["Idempotent-Replayed"] == "true"

        put = part("api.organizations.put_organization_by_key").sync_detailed(
            "hubspot", "55", client=client, body=models.OrganizationUpdate(name="Northwind Traders")
        )
        assert put.status_code == 201
        batch = part("api.people.upsert_many_people").sync(
            client=client,
            body=models.PeopleToUpsert(
                items=[
                    models.PersonToUpsert(
                        key=models.OwnKey(source="hubspot", key=str(n)),
                        first_name="Maria",
                        organization_id=models.OwnKey(source="hubspot", key="55"),
                    )
                    for n in (1, 2)
                ]
            ),
        )
        assert (batch.meta.succeeded, batch.meta.failed) == (2, 0)
        assert [result.status for result in batch.data] == [201, 201]
        assert {result.data.organization.id for result in batch.data} == {put.parsed.data.id}

        refused = part("api.quotes.create_quote").sync(client=client, body=models.QuoteCreate(title=" "))
        assert refused.errors.additional_properties == {"title": ["The title field is required."]}

        gone = part("api.quotes.delete_quote").sync_detailed(quote.data.id, client=client)
        assert gone.status_code == 204
        assert part("api.quotes.show_quote").sync_detailed(quote.data.id, client=client).status_code == 404
        assert part("api.authentication.delete_token").sync_detailed(client=client).status_code == 204
