"""What a user of dlt would write: a whole load of all resources, whose pages dlt finds by itself."""

import json
import sys

import dlt
from dlt.sources.helpers import requests
from dlt.sources.rest_api import rest_api_source

url, email, password, folder, *resources = sys.argv[1:]
credentials = {"email": email, "password": password}
token = requests.post(f"{url}/auth/token", json=credentials).json()["token"]
source = rest_api_source(
    {
        "client": {"base_url": f"{url}/", "auth": {"type": "bearer", "token": token}},
        "resource_defaults": {"primary_key": "id", "endpoint": {"params": {"per_page": 2}}},
        "resources": resources,
    }
)
loaded = {}


@dlt.destination(batch_size=0, loader_file_format="typed-jsonl")
def count(path, table):
    """Take rows as a database would."""


pipeline = dlt.pipeline("crm", pipelines_dir=folder, destination=count)
pipeline.run(source)
rows = pipeline.last_trace.last_normalize_info.row_counts
sys.stdout.write(json.dumps({name: rows.get(name, 0) for name in resources}) + "\n")
