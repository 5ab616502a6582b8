"""Copies of what must not be lost: made, read again, and tried out by restoring from them."""
