"""Dumb building blocks: they draw the values they are given and post what the user did."""
