"""The routes: the token endpoints, the look-up lists, and every resource."""

from flask import Flask

from crm.blueprints import auth, lookups
from crm.blueprints.deals import Deals
from crm.blueprints.invoices import Invoices
from crm.blueprints.leads import Leads
from crm.blueprints.orders import Orders
from crm.blueprints.organizations import Organizations
from crm.blueprints.people import People
from crm.blueprints.products import Products
from crm.blueprints.quotes import Quotes
from crm.blueprints.resource import Resource

PREFIX = "/crm/api/v2"

RESOURCES: tuple[type[Resource], ...] = (Leads, Products, Organizations, People, Deals, Quotes, Orders, Invoices)
"""All resources. What is about every resource reads this list: routes, tests, the sample data."""


def init_app(app: Flask) -> None:
    """Register all routes."""
    with app.app_context():
        app.register_blueprint(auth.blueprint, url_prefix=f"{PREFIX}/auth")
        app.register_blueprint(lookups.make_blueprint(), url_prefix=PREFIX)
        for resource in RESOURCES:
            blueprint = resource().blueprint()
            app.register_blueprint(blueprint, url_prefix=f"{PREFIX}/{blueprint.name.replace('_', '-')}")
