"""Refusals that several path operations share: when they happen, what they say, how they are documented."""

# region 1.1 1.2 1.3 1.4 1.5 1.6 1.7 1.8
# Empty so far. What you write a second time in a router can move here.
# endregion
