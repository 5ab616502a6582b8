"""Customers who serve themselves in writing, in the flows that callers walk through."""
