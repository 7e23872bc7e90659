//! The Prisma schema language: text to a lossless tree, a checked schema model, diagnostics, and back to formatted text.
