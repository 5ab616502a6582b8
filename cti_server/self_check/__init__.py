"""Self-check: what must hold of agents, contacts, calls and media, looked at all the while."""
