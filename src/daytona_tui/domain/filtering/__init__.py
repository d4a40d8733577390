"""The language in which sandboxes are looked for. Everybody else uses it through ``domain.filters``."""
