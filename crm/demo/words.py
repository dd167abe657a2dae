"""The words that sample data is put together from.

A list of our own rather than a library: it is small and fast, needs no package to run the API, and the same seed goes
on giving the same data, where a library's next release would give other names.
"""

from typing import NamedTuple


class Place(NamedTuple):
    """A city, the code of its country, with which VAT numbers begin, its time zone, and the calling code."""

    city: str
    country: str
    timezone: str
    calling_code: int


class Ware(NamedTuple):
    """Something to sell: the name of its category, its unit, and the range of its price in whole dollars."""

    name: str
    category: str
    unit: str
    cheapest: int
    dearest: int


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


CURRENCIES = ("EUR", "USD")
"""Of these, the one that is not the installation's own has the second price of some products."""

PLACES = (
    Place("Amsterdam", "NL", "Europe/Amsterdam", 31),
    Place("Barcelona", "ES", "Europe/Madrid", 34),
    Place("Bergen", "NO", "Europe/Oslo", 47),
    Place("Bologna", "IT", "Europe/Rome", 39),
    Place("Brisbane", "AU", "Australia/Brisbane", 61),
    Place("Chicago", "US", "America/Chicago", 1),
    Place("Dublin", "IE", "Europe/Dublin", 353),
    Place("Gdansk", "PL", "Europe/Warsaw", 48),
    Place("Hamburg", "DE", "Europe/Berlin", 49),
    Place("Helsinki", "FI", "Europe/Helsinki", 358),
    Place("Leeds", "GB", "Europe/London", 44),
    Place("Lisbon", "PT", "Europe/Lisbon", 351),
    Place("Lyon", "FR", "Europe/Paris", 33),
    Place("Montreal", "CA", "America/Toronto", 1),
    Place("Osaka", "JP", "Asia/Tokyo", 81),
    Place("Portland", "US", "America/Los_Angeles", 1),
    Place("Singapore", "SG", "Asia/Singapore", 65),
    Place("Vienna", "AT", "Europe/Vienna", 43),
    Place("Wellington", "NZ", "Pacific/Auckland", 64),
    Place("Zurich", "CH", "Europe/Zurich", 41),
)

STREETS = ("Bridge Street", "Canal Road", "Garden Lane", "Harbour Street", "Market Square", "Mill Road", "Station Road")

COMPANIES = _words(
    "Alder Amber Anchor Arrow Aspen Beacon Birch Blue Bright Cedar Clear Cobalt Copper Coral Crescent Delta "
    "Eagle East Elm Ember Falcon First Forest Garnet Golden Granite Green Harbor Hazel Heron High Indigo Iron "
    "Ivory Juniper Keystone Lake Lark Laurel Lime Linden Maple Marble Meadow Mill North Oak Ocean Olive Onyx "
    "Opal Orchard Pine Polar Prime Quartz Rapid Raven Red River Rowan Sage Silver South Spruce Stone Summit "
    "Swift Teal Timber Union Valley Vista Walnut West White Willow"
)

TRADES = (
    ("Farms", "Agriculture"),
    ("Builders", "Construction"),
    ("Academy", "Education"),
    ("Energy", "Energy"),
    ("Capital", "Finance"),
    ("Insurance", "Finance"),
    ("Clinics", "Healthcare"),
    ("Hotels", "Hospitality"),
    ("Foods", "Manufacturing"),
    ("Tools", "Manufacturing"),
    ("Textiles", "Manufacturing"),
    ("Press", "Media"),
    ("Foundation", "Non-profit"),
    ("Consulting", "Professional Services"),
    ("Legal", "Professional Services"),
    ("Properties", "Real Estate"),
    ("Stores", "Retail"),
    ("Outfitters", "Retail"),
    ("Systems", "Technology"),
    ("Software", "Technology"),
    ("Networks", "Telecommunications"),
    ("Logistics", "Transport"),
    ("Freight", "Transport"),
)
"""The second word of a company's name, and the name of its industry."""

FIRST_NAMES = {
    "Female": _words(
        "Aisha Alice Amelia Ana Anna Astrid Beatriz Carmen Chloe Clara Elena Emma Eva Fatima Freya Grace Hana Ines "
        "Ingrid Isabel Julia Kate Laura Lea Lucia Maria Maya Mei Nadia Nina Nora Olivia Priya Rosa Sara Sofia Yara "
        "Yuki Zoe"
    ),
    "Male": _words(
        "Adam Ahmed Aleksander Anders Antonio Ben Carlos Daniel David Diego Elias Emil Erik Felix Filip Gabriel "
        "Hugo Ivan Jack James Jan Jonas Kenji Leo Liam Luca Marco Mateo Max Milan Noah Oliver Omar Paul Rafael "
        "Ravi Samuel Thomas Viktor"
    ),
}

LAST_NAMES = _words(
    "Ahmed Almeida Andersen Bauer Becker Bennett Bianchi Brown Chen Clark Costa Davies Dubois Evans Fernandez "
    "Fischer Fontaine Garcia Green Hansen Harris Haddad Hughes Ito Ivanova Jansen Johansson Kaur Keller Khan "
    "Kim Kowalski Kumar Laurent Lee Lewis Lopez Martin Meyer Moreau Morgan Nakamura Nguyen Nielsen Novak "
    "Okafor Olsen Patel Pereira Ricci Roberts Rossi Santos Sato Schmidt Silva Singh Smit Suzuki Tanaka Taylor "
    "Torres Visser Wagner Walker Wang Weber Wilson Wood Wright Young Zhang"
)

WARES = (
    Ware("Barcode scanner", "Goods", "piece", 90, 260),
    Ware("Card reader", "Goods", "piece", 40, 120),
    Ware("Conference camera", "Goods", "piece", 350, 900),
    Ware("Desk phone", "Goods", "piece", 60, 180),
    Ware("Label printer", "Goods", "piece", 150, 420),
    Ware("Label rolls", "Goods", "box", 12, 35),
    Ware("Network switch", "Goods", "piece", 200, 1200),
    Ware("Rack server", "Goods", "piece", 1800, 5200),
    Ware("Rugged tablet", "Goods", "piece", 480, 1100),
    Ware("Thermal sensor", "Goods", "piece", 25, 80),
    Ware("Data migration", "Services", "day", 700, 1300),
    Ware("Installation", "Services", "day", 500, 950),
    Ware("On-site training", "Services", "day", 600, 1200),
    Ware("Process review", "Services", "day", 800, 1500),
    Ware("Project management", "Services", "day", 750, 1400),
    Ware("Security audit", "Services", "day", 900, 1800),
    Ware("Accounting package", "Software", "license", 300, 900),
    Ware("Design package", "Software", "license", 250, 800),
    Ware("Inventory package", "Software", "license", 400, 1100),
    Ware("Payroll package", "Software", "license", 350, 950),
    Ware("Reporting add-on", "Software", "license", 80, 300),
    Ware("Cloud backup", "Subscriptions", "month", 30, 150),
    Ware("Hosted telephony", "Subscriptions", "month", 20, 60),
    Ware("Monitoring", "Subscriptions", "month", 40, 200),
    Ware("Premium support", "Subscriptions", "month", 100, 600),
    Ware("Team workspace", "Subscriptions", "month", 8, 25),
)

OCCASIONS = ("{ware} for {customer}", "{customer}: {ware}", "{customer} asks for {ware}", "{ware}, {customer}")
"""Titles of leads."""

NOTES = (
    "Called in; wants to start within the quarter.",
    "Compares us with two other suppliers.",
    "Has the budget; the board decides next month.",
    "Met at the spring trade fair.",
    "Replaces a system that is no longer supported.",
    "Was referred by a customer.",
    "Wants a short trial before deciding.",
)
TERMS = ("Payment within 14 days.", "Payment within 30 days.", "Half on order, half on delivery.")
PAYMENT_METHODS = ("Bank transfer", "Bank transfer", "Card", "Direct debit", "Cheque")
REASONS_TO_BUY = ("The best offer.", "Could deliver at once.", "Knew us already.", "Convinced by the trial.")
REASONS_TO_DECLINE = ("Too dear.", "Took another supplier.", "The budget was cut.", "No answer any more.")
