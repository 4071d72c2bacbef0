"""The providers: each offers what belongs in one kind of place, in the order of its rank."""
