"""A door that greets."""
