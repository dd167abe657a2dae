"""What is measured: five kinds of requests, and the table that shows their figures."""

import json
from typing import Any

from benchmarks.server import COUNT, Request, Server

LABELS = 2


def requests_to(server: Server) -> dict[str, Request]:
    """Return what is measured, made of the ids that the server has."""
    leads = server.send(Request("GET", "/leads"))["data"]
    lead = next(lead for lead in leads if lead["person"] and lead["organization"])
    pipelines = server.send(Request("GET", "/pipelines"))["data"]
    stages = next(pipeline["stages"] for pipeline in pipelines if pipeline["resource"] == "leads")
    labels = [label["id"] for label in server.send(Request("GET", "/labels"))["data"][:LABELS]]
    new = {
        "title": "A new lead",
        "amount": 1500.5,
        "person_id": lead["person"]["id"],
        "organization_id": lead["organization"]["id"],
        "pipeline_stage_id": stages[0]["id"],
        "labels": labels,
    }
    return {
        "list": Request("GET", "/leads"),
        "show": Request("GET", f"/leads/{lead['id']}"),
        "list_quotes": Request("GET", "/quotes"),
        "update": Request("PUT", f"/leads/{lead['id']}", {"title": f"Title {COUNT}", "amount": 99.95}),
        "create": Request("POST", "/leads", new),
    }


def comparable(answer: Any, server: Server) -> str:
    """Return an answer as text with sorted keys, without what differs between two creations or two servers."""
    if isinstance(answer["data"], dict):
        own = {"id", "lead_id", "version", "created_at", "updated_at"}
        answer = {name: value for name, value in answer["data"].items() if name not in own}
    return json.dumps(answer, sort_keys=True).replace(f":{server.port}/", "/")
