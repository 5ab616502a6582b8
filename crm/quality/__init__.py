"""How well conversations were led: what is judged, which are chosen, and whether judges agree."""
