"""People."""

from crm.blueprints.resource import Resource
from crm.schemas.person import PersonSchema


class People(Resource):
    """The contacts."""

    schema = PersonSchema
