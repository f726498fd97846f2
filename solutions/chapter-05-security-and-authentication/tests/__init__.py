"""The member door, tested through its doors."""
