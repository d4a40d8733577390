"""The event channel."""
