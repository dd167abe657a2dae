"""Organizations."""

from crm.blueprints.resource import Resource
from crm.schemas.organization import OrganizationSchema


class Organizations(Resource):
    """Companies and other bodies."""

    schema = OrganizationSchema
