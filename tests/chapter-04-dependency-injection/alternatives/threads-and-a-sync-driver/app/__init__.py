"""The lending counter of Toolshed, a neighbourhood's tool library."""
