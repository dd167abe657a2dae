"""The examples of the description: one small world, bodies that make it, and what the server answers to them."""
