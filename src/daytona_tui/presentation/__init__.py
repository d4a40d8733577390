"""From values to words and tones. Returns strings, so that the screen and stdout cannot disagree."""
