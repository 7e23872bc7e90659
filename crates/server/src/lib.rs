//! PostgreSQL servers that undrift starts itself: a private cluster from programs on the machine, or the one inside the binary.
