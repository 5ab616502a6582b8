"""Call control: one call from arrival to the last leg's end."""
