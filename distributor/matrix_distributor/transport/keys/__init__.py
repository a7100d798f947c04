"""The keys to log in with: from files and from the agent."""
