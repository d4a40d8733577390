"""What outlives the emulator: the state directory, its database, and what is settled at the next start."""
