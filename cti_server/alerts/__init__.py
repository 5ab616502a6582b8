"""What a supervisor is to look at: what is open, who is told of it, and what raises it."""
