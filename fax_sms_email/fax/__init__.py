"""Fax: documents as pages, T.30 by spandsp, and T.38 over UDP."""
