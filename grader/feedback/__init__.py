"""A student's page: what it hides, what it shows, and that nothing on it runs."""
