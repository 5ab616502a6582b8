"""The agents at work: who they are, what state they are in, what they are offered."""
