"""How the whole server is doing, part by part, for the people who run it."""
