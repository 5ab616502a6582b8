"""What callers say: recognised in processes of its own, among the phrases that a flow expects."""
