"""The commands: arguments, streams, progress, tables, exit status. Nothing of the project's meaning lives here."""
