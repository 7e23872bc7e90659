//! Schemas and histories of any size, made up.

use std::fmt::Write as _;
use std::path::Path;

const HEAD: &str =
    "datasource db {\n  provider = \"postgresql\"\n}\n\nenum State {\n  OPEN\n  CLOSED\n}\n";

const CONFIG: &str = "export default {\n  schema: 'schema.prisma',\n  migrations: { path: 'migrations' },\n  \
                      datasource: { url: process.env.DATABASE_URL },\n}\n";

/// A schema of so many models, each with a relation to the one before; `column` is a field that all of
/// them have besides.
pub(super) fn schema(models: usize, column: &str) -> String {
    let mut text = HEAD.to_owned();
    for i in 0..models {
        let _ = write!(
            text,
            "
model Model{i} {{
  id        Int      @id @default(autoincrement())
  createdAt DateTime @default(now())
  updatedAt DateTime @updatedAt
  email     String   @unique
  name      String?  @db.VarChar(120)
  amount    Decimal  @default(0) @db.Decimal(10, 2)
  tags      String[]
  data      Json?
  state     State    @default(OPEN)
{column}"
        );
        if let Some(before) = i.checked_sub(1) {
            let _ = write!(
                text,
                "  parentId  Int?
  parent    Model{before}? @relation(fields: [parentId], references: [id])
"
            );
        }
        if i + 1 < models {
            let _ = writeln!(text, "  children  Model{}[]", i + 1);
        }
        text.push_str("\n  @@index([name, createdAt])\n}\n");
    }
    text
}

/// Writes a project whose history makes one model a migration.
pub(super) fn project(folder: &Path, migrations: usize) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder)?;
    std::fs::write(folder.join("schema.prisma"), schema(migrations, ""))?;
    config(folder)?;
    let lock = folder.join("migrations/migration_lock.toml");
    for i in 0..migrations {
        let folder =
            folder.join(format!("migrations/{}_model_{i}", 20_260_101_000_000_u64 + i as u64));
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join("migration.sql"), migration(i))?;
    }
    Ok(std::fs::write(lock, "provider = \"postgresql\"\n")?)
}

/// Writes the config of a project whose schema and migrations are in its folder.
pub(super) fn config(folder: &Path) -> anyhow::Result<()> {
    Ok(std::fs::write(folder.join("prisma.config.ts"), CONFIG)?)
}

fn migration(i: usize) -> String {
    let mut sql = String::new();
    if i == 0 {
        sql.push_str("CREATE TYPE \"State\" AS ENUM ('OPEN', 'CLOSED');\n\n");
    }
    let parent = if i == 0 { "" } else { "    \"parentId\" INTEGER,\n" };
    let _ = write!(
        sql,
        r#"CREATE TABLE "Model{i}" (
    "id" SERIAL NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,
    "email" TEXT NOT NULL,
    "name" VARCHAR(120),
    "amount" DECIMAL(10,2) NOT NULL DEFAULT 0,
    "tags" TEXT[],
    "data" JSONB,
    "state" "State" NOT NULL DEFAULT 'OPEN',
{parent}
    CONSTRAINT "Model{i}_pkey" PRIMARY KEY ("id")
);

CREATE UNIQUE INDEX "Model{i}_email_key" ON "Model{i}"("email");

CREATE INDEX "Model{i}_name_createdAt_idx" ON "Model{i}"("name", "createdAt");
"#
    );
    if let Some(before) = i.checked_sub(1) {
        let _ = write!(
            sql,
            r#"
ALTER TABLE "Model{i}" ADD CONSTRAINT "Model{i}_parentId_fkey" FOREIGN KEY ("parentId") REFERENCES "Model{before}"("id") ON DELETE SET NULL ON UPDATE CASCADE;
"#
        );
    }
    sql
}
