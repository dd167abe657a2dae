"""What the sample quotes, orders and invoices of one sale share: customer, lines and totals."""

from crm.demo.company import Company, Sale
from crm.demo.drafts import Values
from crm.demo.leads import customer_of
from crm.demo.words import TERMS
from crm.models.document import ONE, tax_of


def document_values(company: Company, sale: Sale) -> Values:
    """Return the columns that every document has, its totals the sums of its lines. Money is in cents."""
    tax = sum(tax_of(item.unit_price * quantity, item.tax_rate) for item, quantity in sale.basket)
    return {
        **customer_of(sale),
        "reference": f"REF-{company.random.randint(10_000, 99_999)}",
        "currency": company.currency,
        "terms": company.pick(TERMS),
        "subtotal": sale.subtotal,
        "tax": tax,
        "total": sale.subtotal + tax,
    }


def offer_values(company: Company, sale: Sale) -> Values:
    """Return the columns that every quote and order has."""
    return {
        **document_values(company, sale),
        "description": sale.lead.values["description"],
        "discount": 0,
        "adjustments": 0,
        "lead_id": sale.lead.id,
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
