"""Frozen values and pure functions: what a sandbox is, what a file is, what will happen next."""
