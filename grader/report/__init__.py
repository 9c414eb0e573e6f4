"""The instructor's report: one self-contained page about how a class did in a unit."""
