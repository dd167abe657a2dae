"""The wire shapes: what each resource takes and shows, one file for each entity."""
