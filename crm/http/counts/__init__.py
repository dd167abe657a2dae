"""Counts: how often something has been asked for since its window began, in Redis or in memory."""
