"""Lists of rows inside a record: labels, line items, prices, stages, contact details."""
