"""One module for each verb. Each adds its parser and runs; what is heavy is imported when it runs."""
