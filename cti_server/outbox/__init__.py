"""What leaves for customers and colleagues: kept until it is sent, or somebody decides."""
