"""Who waits in which queue at this moment, as supervisors see it: over REST and on the stream."""
