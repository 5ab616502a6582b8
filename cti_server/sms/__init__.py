"""Customers who serve themselves by text (SMS): the flows that callers hear, a text at a time."""
