"""What a new emulator begins with."""
