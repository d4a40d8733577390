"""A local Daytona: real HTTP, real processes, no account. Imports nothing else of this package."""
