"""What `matrix reflect` and a push that reflects are made of."""
