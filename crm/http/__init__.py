"""What every answer and every body has in common: errors, JSON, headers, parameters, limits."""
