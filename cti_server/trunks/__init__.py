"""The trunks of the configuration, and whether they live."""
