"""The validator of this package: `whole` judges a zone, the other modules hold what it checks."""
