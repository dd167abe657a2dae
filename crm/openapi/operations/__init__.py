"""The operations of the description, by what they are about."""
