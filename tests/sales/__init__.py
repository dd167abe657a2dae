"""Tests of `crm/sales/`: what is made of what, and how deals and quotes end."""
