"""Wired regions of the main screen: each owns its keys, its workers and its appearances."""
