"""What FORALL, SYNCALL and DIFFALL share: how they are called, how they are interrupted, how they report."""
