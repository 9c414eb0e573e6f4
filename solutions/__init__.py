"""Reference solutions, one module a unit: written once, shown to students as stubs."""
