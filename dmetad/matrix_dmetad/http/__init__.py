"""A request on its way: connection, guard, negotiation, waiting, and what is sent."""
