"""Sales and care: decisions of :mod:`crm`, carried out on the store."""
