"""The headless front door: subcommands, exit codes, and the only writers to stdout and stderr."""
