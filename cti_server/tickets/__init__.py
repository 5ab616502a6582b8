"""What is done with tickets and tasks: decisions of :mod:`crm`, carried out on the store."""
