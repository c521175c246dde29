// Throw-away clusters.
