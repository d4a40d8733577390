"""What is used, and how much of it is allowed."""
