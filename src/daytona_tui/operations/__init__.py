"""Deeds: what the screen and the subcommands do, without knowing either."""
