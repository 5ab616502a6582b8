"""What people have a right to: to be forgotten, and not to be kept longer than needed."""
