"""Signalling: RFC 3261 messages, transactions, dialogs and the registrar. Knows nothing above."""
