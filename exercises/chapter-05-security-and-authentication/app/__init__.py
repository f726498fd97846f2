"""The member door of Toolshed, a neighbourhood's tool library."""
