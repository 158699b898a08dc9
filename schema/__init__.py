"""What we promise: the types, arguments and answers of the GraphQL API, and nothing of how they come about."""

from schema.enums import promise_all

promise_all()
