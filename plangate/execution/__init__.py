"""GraphQL over HTTP: documents, limits, plans, and the endpoint that joins them."""
