"""daytona-tui: see, enter, empty and clean up Daytona sandboxes from a terminal."""

__version__ = "0.1.0"
