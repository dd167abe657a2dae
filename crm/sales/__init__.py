"""What happens to a sale: what is made of what, and how deals and quotes end."""
