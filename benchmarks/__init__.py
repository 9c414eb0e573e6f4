"""Measurements of the course's algorithms and tools; each module prints its own table."""
