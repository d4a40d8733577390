"""The rooms behind ``domain.owners``: what an owner is, the rules as data, and how they are tried."""
