"""Targets of key figures: their values, from the reports."""
