"""Points in and out of the gradebook: one writer, what is graded already, results, exports."""
