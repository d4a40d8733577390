"""The sandboxes as the control plane knows them, and what there is besides."""
