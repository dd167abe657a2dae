"""Sample products, each with a price in the company's currency, some with one in another."""

from collections.abc import Iterator

from crm.demo.company import Company, Item
from crm.demo.drafts import Draft, Values
from crm.demo.words import CURRENCIES
from crm.models import ProductCategory
from crm.schemas.collections.prices import Price


def make_products(company: Company) -> Iterator[Draft]:
    """Fill in and yield all products."""
    for item in company.items:
        item.product.values = _values(company, item)
        item.product.values["prices"] = _prices(company, item)
        yield item.product


def _values(company: Company, item: Item) -> Values:
    ware, random = item.ware, company.random
    return {
        "name": ware.name,
        "code": f"{ware.category[:2].upper()}-{random.randint(1000, 9999)}",
        "barcode": f"{random.randint(10**12, 10**13 - 1)}" if ware.category == "Goods" else None,
        "description": f"{ware.name}, sold by the {ware.unit}.",
        "unit": ware.unit,
        "tax_rate": None,
        "tax_rate_id": item.tax_rate_id,
        "product_category_id": company.lookups.named[ProductCategory].get(ware.category),
        "purchase_account": "5000",
        "sales_account": "4000",
        "active": company.chance(0.95),
    }


def _prices(company: Company, item: Item) -> dict[str, Price]:
    prices = {company.currency: Price(item.unit_price)}
    if company.chance(0.4):
        other = next(currency for currency in CURRENCIES if currency != company.currency)
        prices[other] = Price(item.unit_price * 9 // 10)
    return prices
