"""The intake desk, with the names that older tutorials use."""
