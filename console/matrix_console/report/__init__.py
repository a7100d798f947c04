"""What happened, for people and for programs: tables, plans, outcomes, progress."""
