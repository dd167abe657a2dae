"""Organizations."""

from crm.models import Organization
from crm.resource import Resource
from crm.schemas.organization import OrganizationSchema


class Organizations(Resource):
    """Companies and other bodies."""

    model = Organization
    schema = OrganizationSchema
    sorts = ("name",)
