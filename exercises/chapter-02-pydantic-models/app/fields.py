"""Types that carry their own rules: the models are made of them."""

# region 2.1 2.4
from datetime import date, datetime

# endregion


# region 2.1
# TODO(2.1): these are plain types so far. Give each the rules of the task sheet: `Annotated[...]` with constraints where
# there are any, with a function of yours where there are none.
Name = str
Serial = str
Cents = int
PastDay = date
# endregion


# region 2.4
# TODO(2.4): a moment without an offset is nobody's moment. Refuse it, and show all others in UTC; the deposit and PUT
# are in app/donations.py and app/routers/donations.py.
Moment = datetime
# endregion
