from .store import *
from .store import load as read_all
