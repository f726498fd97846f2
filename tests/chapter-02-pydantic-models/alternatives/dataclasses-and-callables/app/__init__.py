"""The intake desk: dataclasses inside, models at the edge."""
