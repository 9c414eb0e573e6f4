"""What the notebooks import: data sets, interaction matrices, metrics, plots, progress bars."""
