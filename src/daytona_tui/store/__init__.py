"""Passive state: apply a piece of news, get a new value. No input or output, no Textual, no clock of its own."""
