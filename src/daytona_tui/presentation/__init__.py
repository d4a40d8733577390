"""Domain values and errors as words, cells and marks. Knows no terminal library."""
