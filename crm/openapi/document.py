"""The whole description, assembled from the routes of an application (contract, section 10)."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from flask import Flask
from werkzeug.routing import Rule

from crm.blueprints import PREFIX, RESOURCES, lookups_of, resources_of
from crm.openapi.answers import HEADERS
from crm.openapi.forms import Components, Json, first_line
from crm.openapi.operations import account, changes, description, lookups, search, tokens, webhooks
from crm.openapi.operations.resources import operation_of
from crm.openapi.overview import CONTACT, LICENSE, OVERVIEW, TITLE, servers
from crm.openapi.parameters import PARAMETERS
from crm.openapi.refusals import register_refusals
from crm.operate.start import VERSION

_OTHERS = {
    "auth.create_token": tokens.create_token,
    "auth.delete_token": tokens.delete_token,
    "account.show_caller": account.show_caller,
    "account.update_team": account.update_team,
    "account.update_password": account.update_password,
    "account.list_tokens": account.list_tokens,
    "account.delete_tokens": account.delete_tokens,
    "account.delete_own_token": account.delete_own_token,
    "docs.show_description": description.show_description,
}
_TAGS = {
    tokens.AUTHENTICATION: "Getting a token, giving it back, and the account whose it is.",
    **{kind.model.__tablename__: first_line(kind) for kind in RESOURCES},
    search.SEARCH: "Whatever holds some words, of all resources at once.",
    changes.CHANGES: "What has happened to the records of a team, in the order in which it did.",
    webhooks.WEBHOOKS: "Being told of changes at once, by signed messages. Owner and Admin only.",
    lookups.LOOKUPS: "Every id that other requests may name. Owner and Admin add rows, change and delete them.",
    description.DESCRIPTION: "What you are reading, for machines.",
}
_TAG_OF = {"auth": tokens.AUTHENTICATION, "account": tokens.AUTHENTICATION, "lookups": lookups.LOOKUPS}
"""The tags of blueprints that are called otherwise."""

_LATER = ("/by/", "/batch/", "{id}/", "{id}/changes")
"""What is in the paths of a resource that come after its verbs: own keys, batches, actions, history."""
_VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE")


class Route(NamedTuple):
    """A path of the description and one verb of it, with the view behind them."""

    path: str
    method: str
    endpoint: str


def describe(app: Flask) -> Json:
    """Return the description of an application's API."""
    components = Components()
    register_refusals(components)
    paths: dict[str, Json] = {}
    with app.app_context():
        for route in routes(app):
            paths.setdefault(route.path, {})[route.method.lower()] = _operation(app, route, components)
    return {
        "openapi": "3.1.0",
        "info": {"title": TITLE, "version": VERSION, "description": OVERVIEW, "contact": CONTACT, "license": LICENSE},
        "servers": servers(PREFIX),
        "security": [{"token": []}],
        "tags": [{"name": name, "description": description} for name, description in _TAGS.items()],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(components.items())),
            "responses": components.responses,
            "requestBodies": components.request_bodies,
            "parameters": PARAMETERS | components.parameters,
            "headers": HEADERS,
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A token from `POST /auth/token`, as it was given: `1|abc…`.",
                }
            },
        },
    }


def routes(app: Flask) -> Iterator[Route]:
    """Yield what is described: every path under the prefix with its verbs, but for HEAD and OPTIONS, which all have."""
    order = list(_TAGS)
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith(f"{PREFIX}/")]
    for rule in sorted(rules, key=lambda rule: (_place_of_tag(rule, order), _place(rule))):
        for method in sorted(set(_VERBS) & set(rule.methods or ()), key=_VERBS.index):
            yield Route(path_of(rule), method, rule.endpoint)


def _place_of_tag(rule: Rule, order: list[str]) -> int:
    return order.index(_tag(rule)) if _tag(rule) in order else len(order)


def _place(rule: Rule) -> int:
    """Return where a route comes among those of its tag; the ones of the same place are as they were registered."""
    return max((place for place, part in enumerate(_LATER, 1) if part in path_of(rule)), default=0)


def path_of(rule: Rule) -> str:
    """Return a route's path as it is described."""
    path = rule.rule.removeprefix(PREFIX).replace("<external_id>", "{id}")
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", path)


def _tag(rule: Rule) -> str:
    blueprint: str = rule.endpoint.partition(".")[0]
    return _TAG_OF.get(blueprint, blueprint)


def _operation(app: Flask, route: Route, components: Components) -> Json:
    blueprint, _, name = route.endpoint.partition(".")
    if blueprint == search.SEARCH:
        return search.search_operation(resources_of(app).values(), components)
    if blueprint == changes.CHANGES:
        return changes.feed_operation(resources_of(app).values(), components)
    if blueprint == webhooks.WEBHOOKS:
        return webhooks.webhook_operation(name, route.method, components)
    if resource := resources_of(app).get(blueprint):
        return operation_of(resource, name, route.method, components)
    view = app.view_functions[route.endpoint]
    if blueprint == "lookups":
        verb, _, table = name.partition("_")
        operation = lookups.lookup_operation(lookups_of(app)[table], verb, route.method, components)
    else:
        operation = _OTHERS[route.endpoint](components)
    return {"description": first_line(view), **operation}
