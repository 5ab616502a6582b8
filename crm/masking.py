"""
What is shown of a customer to those who may not see it whole. Pure.

Numbers: :func:`crm.numbers.mask`. What is masked is recognised by who knows it, and no use to
anybody else.
"""


def mask_address(kind: str, value: str) -> str:
    """``wang.wei@example.com`` → ``w***@example.com``."""
    if kind == "mail":
        local, _, domain = value.rpartition("@")
        return f"{local[:1]}***@{domain}"
    return f"{value[:1]}***"
