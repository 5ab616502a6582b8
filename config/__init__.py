"""Settings and the shipped YAML. Imports none of ours."""
