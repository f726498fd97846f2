"""What only some kinds of tools have."""

# region 2.2
from pydantic import BaseModel


# TODO(2.2): a model for each kind, and `Details` as what is one of them. Look at `DonorOut` in app/donors.py, too.
class Details(BaseModel):
    """All that is known so far is which kind it is."""

    kind: str


# endregion
