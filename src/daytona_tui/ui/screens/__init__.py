"""Arrangements of the whole terminal: they place panes, pass the selection on and open dialogs."""
