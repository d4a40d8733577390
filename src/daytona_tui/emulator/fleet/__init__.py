"""The sandboxes as the control plane knows them, what they can go through, and what there is besides."""
