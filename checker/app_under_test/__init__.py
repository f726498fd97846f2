"""The learner's app as a real Uvicorn server in a child, the probe inside it, and the facts that come out."""
