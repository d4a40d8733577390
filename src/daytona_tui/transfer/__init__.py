"""Copying trees: list, plan, run, settle. Knows the ports, not Daytona; knows the disk, not the screen."""
