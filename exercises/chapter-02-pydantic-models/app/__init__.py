"""The intake desk: neighbours give tools to the shed."""
