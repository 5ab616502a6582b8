"""Management reports of any past: what each quarter of an hour had, added up."""
