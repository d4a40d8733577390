"""What a file in a sandbox looks like: by its contents, from as much of it as was read, harmless to a terminal."""
