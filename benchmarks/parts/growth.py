"""What a hundred times the rows cost: median latencies of one client, small and large in turns."""

from benchmarks.data import LEADS, postgres
from benchmarks.options import Options
from benchmarks.server import Request, Server, serving
from benchmarks.turns import in_turns, ratio

MANY_LEADS = 1_000_000
ROUNDS = 5


def measure(options: Options) -> dict[str, float]:
    """Return how many times longer requests take with 1,000,000 leads than with 10,000, and a page far out."""
    rounds = options.rounds or ROUNDS
    print(f"PostgreSQL, leads: {MANY_LEADS:,} beside {LEADS:,}, one client, rounds of 100 requests: {rounds}")
    with (
        postgres("crm_bench_small", LEADS) as small,
        postgres("crm_bench_large", MANY_LEADS) as large,
        serving("wsgi:app", small) as few,
        serving("wsgi:app", large) as many,
    ):
        first, far = Request("GET", "/leads"), Request("GET", "/leads?page=1000")
        create = Request("POST", "/leads", {"title": "A new lead", "amount": 1500.5})
        ratios = {
            "list_first_page_1m_over_10k": slowdown(many, first, few, first, rounds),
            "list_page_1000_over_page_1": slowdown(many, far, many, first, rounds),
            "show_1m_over_10k": slowdown(many, one_of(many), few, one_of(few), rounds),
            "create_1m_over_10k": slowdown(many, create, few, create, rounds),
            "quote_200_lines_over_5": slowdown(few, quote(few, 200), few, quote(few, 5), rounds),
        }
    for name, value in ratios.items():
        print(f"{name:32}{value:6.2f}")
    return ratios


def slowdown(server: Server, request: Request, other: Server, other_request: Request, rounds: int) -> float:
    """Return the median over rounds of how many times longer the first takes than the other."""
    return ratio(in_turns(lambda: server.latency(request), lambda: other.latency(other_request), rounds)).median


def one_of(server: Server) -> Request:
    """Return the request of a lead in the middle of the list."""
    return Request("GET", f"/leads/{server.send(Request('GET', '/leads?page=200'))['data'][0]['id']}")


def quote(server: Server, lines: int) -> Request:
    """Return the request that creates a quote with so many lines."""
    products = [product["id"] for product in server.send(Request("GET", "/products"))["data"]]
    line = {"quantity": 2, "unit_price": 100, "amount": 200}
    items = [{**line, "product_id": products[n % len(products)]} for n in range(lines)]
    return Request("POST", "/quotes", {"title": "A new quote", "line_items": items})
