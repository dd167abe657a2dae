"""What a hundred times the rows cost: median latencies of one client, small and large in turns."""

from statistics import median

from benchmarks.data import Database
from benchmarks.load import Request, Server, serving

ROUNDS = 5


def growth(small: Database, large: Database) -> dict[str, float]:
    """Return how many times longer requests take with 1,000,000 leads than with 10,000, and a page far out."""
    with serving("wsgi:app", small) as few, serving("wsgi:app", large) as many:
        first, far = Request("GET", "/leads"), Request("GET", "/leads?page=1000")
        create = Request("POST", "/leads", {"title": "A new lead", "amount": 1500.5})
        ratios = {
            "list_first_page_1m_over_10k": ratio(many, first, few, first),
            "list_page_1000_over_page_1": ratio(many, far, many, first),
            "show_1m_over_10k": ratio(many, one_of(many), few, one_of(few)),
            "create_1m_over_10k": ratio(many, create, few, create),
            "quote_200_lines_over_5": ratio(few, quote(few, 200), few, quote(few, 5)),
        }
    for name, value in ratios.items():
        print(f"{name:32}{value:6.2f}")
    return ratios


def ratio(server: Server, request: Request, other: Server, other_request: Request) -> float:
    """Return the median over rounds of how many times longer the first takes than the other."""
    server.latency(request, 20)
    other.latency(other_request, 20)
    rounds = [server.latency(request) / other.latency(other_request) for _ in range(ROUNDS)]
    return round(median(rounds), 3)


def one_of(server: Server) -> Request:
    """Return the request of a lead in the middle of the list."""
    return Request("GET", f"/leads/{server.send(Request('GET', '/leads?page=200'))['data'][0]['id']}")


def quote(server: Server, lines: int) -> Request:
    """Return the request that creates a quote with so many lines."""
    products = [product["id"] for product in server.send(Request("GET", "/products"))["data"]]
    line = {"quantity": 2, "unit_price": 100, "amount": 200}
    items = [{**line, "product_id": products[n % len(products)]} for n in range(lines)]
    return Request("POST", "/quotes", {"title": "A new quote", "line_items": items})
