"""What must hold before a tool changes hands: small dependencies, each asking for the one before it."""

# region 4.4
# The rules of TODO(4.4) go here: one small dependency a rule, each asking for the one before it.
# endregion
