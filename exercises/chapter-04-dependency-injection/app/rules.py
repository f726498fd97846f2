"""What must hold before a tool changes hands: small dependencies, each asking for the one before it."""

# region 4.4
# The rules of task 4.4 go here (see `lending.py`): one small dependency a rule, each asking for the one before it.
# endregion
