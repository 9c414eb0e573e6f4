"""How is a student's function checked? The machinery of all checks, and the visible ones, a module a unit."""
