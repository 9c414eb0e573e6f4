"""Plots of the units, in one style."""
