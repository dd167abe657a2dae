"""Organizations."""

from crm.blueprints.resource import Resource
from crm.models import Organization
from crm.schemas.organization import OrganizationSchema


class Organizations(Resource):
    """Companies and other bodies."""

    model = Organization
    schema = OrganizationSchema
    sorts = ("name",)
