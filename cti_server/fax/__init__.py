"""Fax machines: processes of their own that speak T.30, and what the server has of them."""
