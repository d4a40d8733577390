"""What sandboxes go through: which change is allowed when, how it is made, and what happens by itself."""
