"""The workshop desk, tested through its doors."""
