"""The catalogue desk of Toolshed, a neighbourhood's tool-lending library."""
