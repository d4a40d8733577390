"""Settings and where they come from. Computes paths, never creates them."""
