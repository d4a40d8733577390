"""The way to what listens inside a sandbox."""
