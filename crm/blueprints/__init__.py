"""The routes: the token endpoints, the look-up lists, and every resource."""

from flask import Flask

from crm.blueprints import account, auth, changes, lookups, search, webhooks
from crm.blueprints.deals import Deals
from crm.blueprints.invoices import Invoices
from crm.blueprints.leads import Leads
from crm.blueprints.orders import Orders
from crm.blueprints.organizations import Organizations
from crm.blueprints.paths import PREFIX, KeyConverter, path_of
from crm.blueprints.people import People
from crm.blueprints.products import Products
from crm.blueprints.quotes import Quotes
from crm.blueprints.registered import lookups_of, resources_of
from crm.blueprints.resource import Resource

RESOURCES: tuple[type[Resource], ...] = (Leads, Products, Organizations, People, Deals, Quotes, Orders, Invoices)
"""All resources. What is about every resource reads this list: routes, tests, the sample data."""


__all__ = ["PREFIX", "RESOURCES", "init_app", "lookups_of", "resources_of"]


def init_app(app: Flask) -> None:
    """Make the look-up lists and the resources of an application and register all routes."""
    app.url_map.converters["own_key"] = KeyConverter
    with app.app_context():
        for blueprint in (auth.blueprint, account.blueprint):
            app.register_blueprint(blueprint, url_prefix=f"{PREFIX}/auth")
        app.extensions["crm_lookups"] = {made.name: made for made in lookups.make_lookups()}
        app.register_blueprint(lookups.make_blueprint(lookups_of(app).values()), url_prefix=PREFIX)
        app.extensions["crm_resources"] = {made.name: made for made in (resource() for resource in RESOURCES)}
        for name, resource in resources_of(app).items():
            app.register_blueprint(resource.blueprint(), url_prefix=path_of(name))
        app.register_blueprint(search.Search(resources_of(app)).blueprint(), url_prefix=PREFIX)
        app.register_blueprint(changes.Feed(resources_of(app)).blueprint(), url_prefix=PREFIX)
        app.register_blueprint(webhooks.Webhooks(resources_of(app).values()).blueprint(), url_prefix=PREFIX)
