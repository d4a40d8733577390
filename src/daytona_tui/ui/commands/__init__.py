"""Everything the user can ask for: the one source of key, footer, help and README row."""
