"""The server's parts, each built by one function; :mod:`cti_server.app` calls them in order."""
