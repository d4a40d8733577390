"""What a sandbox is made of: its directory, its processes, and how both are kept apart from the host."""
