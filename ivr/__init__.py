"""Flows: the menu tree as data, its nodes, the walk, the checker. Pure; knows no call."""
