"""The sandbox, attacked from inside by code that bounds itself as well."""
