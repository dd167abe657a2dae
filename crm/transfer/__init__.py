"""Moving records in and out as CSV."""
