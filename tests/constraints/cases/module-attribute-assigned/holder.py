pool = None
