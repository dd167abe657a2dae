"""The tools, each declared once."""

from crm.mcp.tool import Tool
from crm.mcp.tools.changes import CHANGES
from crm.mcp.tools.describe import DESCRIBE
from crm.mcp.tools.reading import GET, LIST, SEARCH
from crm.mcp.tools.sales import CLOSE_DEAL, CONVERT_LEAD, DECIDE_QUOTE, RECORD_PAYMENT
from crm.mcp.tools.writing import CREATE, DELETE, UPDATE

TOOLS: dict[str, Tool] = {
    tool.name: tool
    for tool in (
        DESCRIBE,
        SEARCH,
        LIST,
        GET,
        CREATE,
        UPDATE,
        DELETE,
        CONVERT_LEAD,
        CLOSE_DEAL,
        DECIDE_QUOTE,
        RECORD_PAYMENT,
        CHANGES,
    )
}
"""All tools by their names, in the order in which they are listed."""
