"""The contract with the outside: events, stream messages and REST types."""
