//! Detects and repairs schema drift; a drop-in for prisma migrate and prisma db on PostgreSQL.
fn main() {}
