"""What the sample quotes, orders and invoices of one sale share: customer, lines and totals."""

from crm.demo.company import Company, Sale
from crm.demo.drafts import Values
from crm.demo.leads import customer_of
from crm.demo.words import TERMS
from crm.models.document import ONE
from crm.schemas.totals import totals_of


def document_values(company: Company, sale: Sale) -> Values:
    """Return the columns that every document has, its totals worked out from its lines. Money is in cents."""
    charges = [(item.tax_rate, item.unit_price * quantity) for item, quantity in sale.basket]
    return {
        **customer_of(sale),
        "reference": f"REF-{company.random.randint(10_000, 99_999)}",
        "currency": company.currency,
        "terms": company.pick(TERMS),
        **totals_of(charges, discount=0, adjustments=0)._asdict(),
        "compute_totals": True,
    }


def offer_values(company: Company, sale: Sale) -> Values:
    """Return the columns that every quote and order has."""
    return {
        **document_values(company, sale),
        "description": sale.lead.values["description"],
        "discount": 0,
        "adjustments": 0,
        "lead_id": sale.lead.id,
        "deal_id": sale.deal.id if sale.deal else None,
    }


def line_items(company: Company, sale: Sale) -> dict[int, Values]:
    """Return a document's lines by their index. The products are written."""
    return {
        index: {
            "external_id": company.new_id(),
            "product_id": item.product.id,
            "quantity": quantity * ONE,
            "unit_price": item.unit_price,
            "amount": item.unit_price * quantity,
            "tax_rate": item.tax_rate,
            "comments": None,
        }
        for index, (item, quantity) in enumerate(sale.basket)
    }
