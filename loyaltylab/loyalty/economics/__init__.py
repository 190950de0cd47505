"""What a customer is worth, as far as assumptions carry."""
