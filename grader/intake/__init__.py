"""What was handed in: found, looked at, and taken in or refused with a sentence."""
