"""The counter, tested through its doors."""
