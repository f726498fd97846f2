"""The workshop desk of Toolshed, a neighbourhood's tool library."""
