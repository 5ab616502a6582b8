"""SMS centres by SMPP 3.4: what is on the wire, what texts are there, and one bound connection."""
