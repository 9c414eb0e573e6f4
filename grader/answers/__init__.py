"""Answers in words, for the person who marks them: gathered, grouped, shown on a page; marks read back."""
