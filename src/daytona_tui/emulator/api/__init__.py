"""The routes of the control plane: they parse and format, and leave the behaviour to the rooms beside them."""
