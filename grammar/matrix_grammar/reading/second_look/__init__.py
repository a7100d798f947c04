"""What is allowed and yet most likely a slip: looked for once all texts are read."""
