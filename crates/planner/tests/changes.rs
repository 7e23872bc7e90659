//! Schema before, schema after: the script and the summary. Every expectation is what Prisma 7.10.1
//! prints for the same two schemas.

#![expect(clippy::needless_raw_string_hashes, reason = "what expect-test writes has them")]

mod support;

use expect_test::expect;
use support::check;

#[test]
fn an_empty_schema_is_made_before_its_tables() {
    check(
        r#"
"#,
        r#"
            model User {
              id Int @id
              email String @unique
              name String? @db.VarChar(90)
            }
        "#,
        expect![[r#"
            -- CreateSchema
            CREATE SCHEMA IF NOT EXISTS "public";

            -- CreateTable
            CREATE TABLE "User" (
                "id" INTEGER NOT NULL,
                "email" TEXT NOT NULL,
                "name" VARCHAR(90),

                CONSTRAINT "User_pkey" PRIMARY KEY ("id")
            );

            -- CreateIndex
            CREATE UNIQUE INDEX "User_email_key" ON "User"("email");
        "#]],
        expect![[r#"
            [+] Added Schemas
              - public

            [+] Added tables
              - User

            [*] Changed the `User` table
              [+] Added unique index on columns (email)
        "#]],
    );
}

#[test]
fn columns_are_dropped_then_added_then_altered() {
    check(
        r#"
            model User {
              id Int @id
              b Int
              a Int
              c Int?
            }
        "#,
        r#"
            model User {
              id Int @id
              z Int?
              y String @default("it's")
              c Int @default(3)
            }
        "#,
        expect![[r#"
            -- AlterTable
            ALTER TABLE "User" DROP COLUMN "a",
            DROP COLUMN "b",
            ADD COLUMN     "y" TEXT NOT NULL DEFAULT 'it''s',
            ADD COLUMN     "z" INTEGER,
            ALTER COLUMN "c" SET NOT NULL,
            ALTER COLUMN "c" SET DEFAULT 3;
        "#]],
        expect![[r#"
            [*] Changed the `User` table
              [-] Removed column `a`
              [-] Removed column `b`
              [+] Added column `y`
              [+] Added column `z`
              [*] Altered column `c` (changed from Nullable to Required, default changed from `None` to `Some(Value(Int(3)))`)
        "#]],
    );
}

#[test]
fn a_type_without_a_cast_makes_the_column_anew() {
    check(
        r#"
            model User {
              id Int @id
              n String
            }
        "#,
        r#"
            model User {
              id Int @id
              n Int
              @@index([n])
            }
        "#,
        expect![[r#"
            -- AlterTable
            ALTER TABLE "User" DROP COLUMN "n",
            ADD COLUMN     "n" INTEGER NOT NULL;

            -- CreateIndex
            CREATE INDEX "User_n_idx" ON "User"("n");
        "#]],
        expect![[r#"
            [*] Changed the `User` table
              [*] Column `n` would be dropped and recreated (type changed)
              [+] Added index on columns (n)
        "#]],
    );
}

#[test]
fn an_index_goes_with_its_column_and_is_made_again() {
    check(
        r#"
            model User {
              id Int @id
              n String
              @@index([n])
            }
        "#,
        r#"
            model User {
              id Int @id
              n Int
              @@index([n])
            }
        "#,
        expect![[r#"
            -- AlterTable
            ALTER TABLE "User" DROP COLUMN "n",
            ADD COLUMN     "n" INTEGER NOT NULL;

            -- CreateIndex
            CREATE INDEX "User_n_idx" ON "User"("n");
        "#]],
        expect![[r#"
            [*] Changed the `User` table
              [*] Column `n` would be dropped and recreated (type changed)
              [+] Added index on columns (n)
        "#]],
    );
}

#[test]
fn a_primary_key_is_made_anew_when_its_column_changes_type() {
    check(
        r#"
            model User {
              id Int @id
            }
        "#,
        r#"
            model User {
              id BigInt @id
            }
        "#,
        expect![[r#"
            -- AlterTable
            ALTER TABLE "User" DROP CONSTRAINT "User_pkey",
            ALTER COLUMN "id" SET DATA TYPE BIGINT,
            ADD CONSTRAINT "User_pkey" PRIMARY KEY ("id");
        "#]],
        expect![[r#"
            [*] Changed the `User` table
              [-] Dropped the primary key on columns (id)
              [*] Altered column `id` (type changed)
              [+] Added primary key on columns (id)
            )
        "#]],
    );
}

#[test]
fn a_primary_key_is_renamed_in_a_statement_of_its_own() {
    check(
        r#"
            model User {
              id Int @id
              n Int
            }
        "#,
        r#"
            model User {
              id Int @id(map: "users")
              n Int?
            }
        "#,
        expect![[r#"
            -- AlterTable
            ALTER TABLE "User" ALTER COLUMN "n" DROP NOT NULL;
            ALTER TABLE "User" RENAME CONSTRAINT "User_pkey" TO "users";
        "#]],
        expect![[r#"
            [*] Changed the `User` table
              [*] Renamed the primary key on columns (id)
              [*] Altered column `n` (changed from Required to Nullable)
        "#]],
    );
}

#[test]
fn a_unique_index_goes_after_the_primary_key_that_replaces_it() {
    check(
        r#"
            model User {
              id Int @unique
            }
        "#,
        r#"
            model User {
              id Int @id
            }
        "#,
        expect![[r#"
            -- AlterTable
            ALTER TABLE "User" ADD CONSTRAINT "User_pkey" PRIMARY KEY ("id");

            -- DropIndex
            DROP INDEX "User_id_key";
        "#]],
        expect![[r#"
            [*] Changed the `User` table
              [+] Added primary key on columns (id)
            )
              [-] Removed unique index on columns (id)
        "#]],
    );
}

#[test]
fn an_index_is_renamed_when_its_columns_stay() {
    check(
        r#"
            model User {
              id Int @id
              n Int
              @@index([n])
            }
        "#,
        r#"
            model User {
              id Int @id
              n Int
              @@index([n], map: "by_n")
            }
        "#,
        expect![[r#"
            -- RenameIndex
            ALTER INDEX "User_n_idx" RENAME TO "by_n";
        "#]],
        expect![[r#"
            [*] Changed the `User` table
              [*] Renamed index `User_n_idx` to `by_n`
        "#]],
    );
}

#[test]
fn two_indexes_of_the_same_columns_are_not_renamed() {
    check(
        r#"
            model User {
              id Int @id
              n Int
              @@index([n])
              @@index([n], map: "other")
            }
        "#,
        r#"
            model User {
              id Int @id
              n Int
              @@index([n], map: "third")
              @@index([n], map: "other")
            }
        "#,
        expect![[r#"
            -- This is an empty migration.
        "#]],
        expect![[r#"
            No difference detected.
        "#]],
    );
}

#[test]
fn index_options_are_written_behind_the_columns() {
    check(
        r#"
            model User {
              id Int @id
              a Int
              b Json
              c String[]
            }
        "#,
        r#"
            model User {
              id Int @id
              a Int
              b Json
              c String[]
              @@index([a(sort: Desc)])
              @@index([b(ops: JsonbPathOps)], type: Gin)
              @@index([c], type: Gin)
              @@index([a], type: Hash, map: "h")
              @@index([a(ops: Int4MinMaxOps)], type: Brin, map: "br")
            }
        "#,
        expect![[r#"
            -- CreateIndex
            CREATE INDEX "User_a_idx" ON "User"("a" DESC);

            -- CreateIndex
            CREATE INDEX "User_b_idx" ON "User" USING GIN ("b" jsonb_path_ops);

            -- CreateIndex
            CREATE INDEX "User_c_idx" ON "User" USING GIN ("c");

            -- CreateIndex
            CREATE INDEX "h" ON "User" USING HASH ("a");

            -- CreateIndex
            CREATE INDEX "br" ON "User" USING BRIN ("a" int4_minmax_ops);
        "#]],
        expect![[r#"
            [*] Changed the `User` table
              [+] Added index on columns (a)
              [+] Added index on columns (b)
              [+] Added index on columns (c)
              [+] Added index on columns (a)
              [+] Added index on columns (a)
        "#]],
    );
}

#[test]
fn labels_are_added_one_by_one() {
    check(
        r#"
            enum Role {
              A
            }
            model User {
              id Int @id
              r Role
            }
        "#,
        r#"
            enum Role {
              A
              B
              C
            }
            model User {
              id Int @id
              r Role
            }
        "#,
        expect![[r#"
            -- AlterEnum
            -- This migration adds more than one value to an enum.
            -- With PostgreSQL versions 11 and earlier, this is not possible
            -- in a single migration. This can be worked around by creating
            -- multiple migrations, each migration adding only one value to
            -- the enum.


            ALTER TYPE "Role" ADD VALUE 'B';
            ALTER TYPE "Role" ADD VALUE 'C';
        "#]],
        expect![[r#"
            [*] Changed the `Role` enum
              [+] Added variant `B`
              [+] Added variant `C`
        "#]],
    );
}

#[test]
fn an_enum_type_without_a_label_is_made_anew() {
    check(
        r#"
            enum Role {
              A
              B
            }
            model User {
              id Int @id
              z Role @default(A)
              a Role[] @default([A])
            }
        "#,
        r#"
            enum Role {
              A
              C
            }
            model User {
              id Int @id
              z Role @default(C)
              a Role[] @default([A])
            }
        "#,
        expect![[r#"
            -- AlterEnum
            BEGIN;
            CREATE TYPE "Role_new" AS ENUM ('A', 'C');
            ALTER TABLE "User" ALTER COLUMN "a" DROP DEFAULT;
            ALTER TABLE "User" ALTER COLUMN "z" DROP DEFAULT;
            ALTER TABLE "User" ALTER COLUMN "z" TYPE "Role_new" USING ("z"::text::"Role_new");
            ALTER TABLE "User" ALTER COLUMN "a" TYPE "Role_new"[] USING ("a"::text::"Role_new"[]);
            ALTER TYPE "Role" RENAME TO "Role_old";
            ALTER TYPE "Role_new" RENAME TO "Role";
            DROP TYPE "Role_old";
            ALTER TABLE "User" ALTER COLUMN "a" SET DEFAULT ARRAY['A']::"Role"[];
            ALTER TABLE "User" ALTER COLUMN "z" SET DEFAULT 'C';
            COMMIT;

            -- AlterTable
            ALTER TABLE "User" ALTER COLUMN "z" SET DEFAULT 'C';
        "#]],
        expect![[r#"
            [*] Changed the `Role` enum
              [+] Added variant `C`
              [-] Removed variant `B`

            [*] Changed the `User` table
              [*] Altered column `z` (default changed from `Some(Value(Enum("A")))` to `Some(Value(Enum("C")))`)
        "#]],
    );
}

#[test]
fn enum_types_come_before_tables_and_go_after_them() {
    check(
        r#"
            enum Old {
              A
            }
            model User {
              id Int @id
              o Old
            }
        "#,
        r#"
            enum New {
              A @map("an a")
              @@map("new")
            }
            model User {
              id Int @id
              o New?
            }
        "#,
        expect![[r#"
            -- CreateEnum
            CREATE TYPE "new" AS ENUM ('an a');

            -- AlterTable
            ALTER TABLE "User" DROP COLUMN "o",
            ADD COLUMN     "o" "new";

            -- DropEnum
            DROP TYPE "Old";
        "#]],
        expect![[r#"
            [+] Added enums
              - new

            [-] Removed enums
              - Old

            [*] Changed the `User` table
              [*] Column `o` would be dropped and recreated (changed from Required to Nullable, type changed)
        "#]],
    );
}

#[test]
fn a_foreign_key_is_renamed_when_it_does_the_same() {
    check(
        r#"
            model User {
              id Int @id
              b Int
              boss User @relation("x", fields: [b], references: [id])
              all User[] @relation("x")
            }
        "#,
        r#"
            model User {
              id Int @id
              b Int
              boss User @relation("x", fields: [b], references: [id], map: "boss")
              all User[] @relation("x")
            }
        "#,
        expect![[r#"
            -- RenameForeignKey
            ALTER TABLE "User" RENAME CONSTRAINT "User_b_fkey" TO "boss";
        "#]],
        expect![[r#"
            [*] Changed the `User` table
              [*] Renamed the foreign key "User_b_fkey" to "boss"
        "#]],
    );
}

#[test]
fn a_foreign_key_is_made_anew_when_its_column_changes_type() {
    check(
        r#"
            model User {
              id Int @id
              b Int?
              boss User? @relation("x", fields: [b], references: [id])
              all User[] @relation("x")
            }
        "#,
        r#"
            model User {
              id Int @id
              b Int? @db.SmallInt
              boss User? @relation("x", fields: [b], references: [id])
              all User[] @relation("x")
            }
        "#,
        expect![[r#"
            -- DropForeignKey
            ALTER TABLE "User" DROP CONSTRAINT "User_b_fkey";

            -- AlterTable
            ALTER TABLE "User" ALTER COLUMN "b" SET DATA TYPE SMALLINT;

            -- AddForeignKey
            ALTER TABLE "User" ADD CONSTRAINT "User_b_fkey" FOREIGN KEY ("b") REFERENCES "User"("id") ON DELETE SET NULL ON UPDATE CASCADE;
        "#]],
        expect![[r#"
            [*] Changed the `User` table
              [-] Removed foreign key on columns (b)
              [*] Altered column `b` (type changed)
              [+] Added foreign key on columns (b)
        "#]],
    );
}

#[test]
fn an_implicit_relation_is_a_table_of_both_keys() {
    check(
        r#"
            model A {
              id Int @id
            }
            model B {
              id String @id
            }
        "#,
        r#"
            model A {
              id Int @id
              bs B[]
            }
            model B {
              id String @id
              as A[]
            }
        "#,
        expect![[r#"
            -- CreateTable
            CREATE TABLE "_AToB" (
                "A" INTEGER NOT NULL,
                "B" TEXT NOT NULL,

                CONSTRAINT "_AToB_AB_pkey" PRIMARY KEY ("A","B")
            );

            -- CreateIndex
            CREATE INDEX "_AToB_B_index" ON "_AToB"("B");

            -- AddForeignKey
            ALTER TABLE "_AToB" ADD CONSTRAINT "_AToB_A_fkey" FOREIGN KEY ("A") REFERENCES "A"("id") ON DELETE CASCADE ON UPDATE CASCADE;

            -- AddForeignKey
            ALTER TABLE "_AToB" ADD CONSTRAINT "_AToB_B_fkey" FOREIGN KEY ("B") REFERENCES "B"("id") ON DELETE CASCADE ON UPDATE CASCADE;
        "#]],
        expect![[r#"
            [+] Added tables
              - _AToB

            [*] Changed the `_AToB` table
              [+] Added index on columns (B)
              [+] Added foreign key on columns (A)
              [+] Added foreign key on columns (B)
        "#]],
    );
}

#[test]
fn a_sequence_is_made_for_a_column_that_comes_to_count() {
    check(
        r#"
            model User {
              id Int @id
            }
        "#,
        r#"
            model User {
              id Int @id @default(autoincrement())
            }
        "#,
        expect![[r#"
            -- AlterTable
            CREATE SEQUENCE user_id_seq;
            ALTER TABLE "User" ALTER COLUMN "id" SET DEFAULT nextval('user_id_seq');
            ALTER SEQUENCE user_id_seq OWNED BY "User"."id";
        "#]],
        expect![[r#"
            [*] Changed the `User` table
              [*] Altered column `id` (column became autoincrementing)
        "#]],
    );
}

#[test]
fn names_are_cut_to_63_bytes() {
    check(
        r#"
            model AVeryLongModelNameThatGoesOnForLonger {
              id Int @id
            }
        "#,
        r#"
            model AVeryLongModelNameThatGoesOnForLonger {
              id Int @id
              anotherVeryLongFieldNameThatGoesOn Int @unique
            }
        "#,
        expect![[r#"
            -- AlterTable
            ALTER TABLE "AVeryLongModelNameThatGoesOnForLonger" ADD COLUMN     "anotherVeryLongFieldNameThatGoesOn" INTEGER NOT NULL;

            -- CreateIndex
            CREATE UNIQUE INDEX "AVeryLongModelNameThatGoesOnForLonger_anotherVeryLongFieldN_key" ON "AVeryLongModelNameThatGoesOnForLonger"("anotherVeryLongFieldNameThatGoesOn");
        "#]],
        expect![[r#"
            [*] Changed the `AVeryLongModelNameThatGoesOnForLonger` table
              [+] Added column `anotherVeryLongFieldNameThatGoesOn`
              [+] Added unique index on columns (anotherVeryLongFieldNameThatGoesOn)
        "#]],
    );
}

#[test]
fn defaults_are_written_by_type() {
    check(
        r#"
            model User {
              id Int @id
            }
        "#,
        r#"
            model User {
              id Int @id
              a Float @default(1.50)
              b DateTime @default("2020-01-02T03:04:05Z")
              c Bytes @default("aGk=")
              d Json @default("{}")
              e Boolean[] @default([true])
              f String @default(dbgenerated("gen_random_uuid()")) @db.Uuid
              g Decimal @default(2.10) @db.Decimal(6, 2)
              h DateTime @default(now()) @db.Timestamptz(6)
              i BigInt @default(autoincrement())
              j String @default(uuid())
            }
        "#,
        expect![[r#"
            -- AlterTable
            ALTER TABLE "User" ADD COLUMN     "a" DOUBLE PRECISION NOT NULL DEFAULT 1.50,
            ADD COLUMN     "b" TIMESTAMP(3) NOT NULL DEFAULT '2020-01-02 03:04:05 +00:00',
            ADD COLUMN     "c" BYTEA NOT NULL DEFAULT '\x6869',
            ADD COLUMN     "d" JSONB NOT NULL DEFAULT '{}',
            ADD COLUMN     "e" BOOLEAN[] DEFAULT ARRAY[true]::BOOLEAN[],
            ADD COLUMN     "f" UUID NOT NULL DEFAULT gen_random_uuid(),
            ADD COLUMN     "g" DECIMAL(6,2) NOT NULL DEFAULT 2.10,
            ADD COLUMN     "h" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
            ADD COLUMN     "i" BIGSERIAL NOT NULL,
            ADD COLUMN     "j" TEXT NOT NULL;
        "#]],
        expect![[r#"
            [*] Changed the `User` table
              [+] Added column `a`
              [+] Added column `b`
              [+] Added column `c`
              [+] Added column `d`
              [+] Added column `e`
              [+] Added column `f`
              [+] Added column `g`
              [+] Added column `h`
              [+] Added column `i`
              [+] Added column `j`
        "#]],
    );
}

#[test]
fn a_constant_date_is_not_compared() {
    check(
        r#"
            model User {
              id Int @id
              d DateTime @default("2020-01-02T03:04:05Z")
            }
        "#,
        r#"
            model User {
              id Int @id
              d DateTime @default(now())
            }
        "#,
        expect![[r#"
            -- This is an empty migration.
        "#]],
        expect![[r#"
            No difference detected.
        "#]],
    );
}

#[test]
fn schemas_are_written_before_names() {
    check(
        r#"
            datasource db {
              provider = "postgresql"
              schemas  = ["one", "two"]
            }
            model A {
              id Int @id
              @@schema("one")
            }
        "#,
        r#"
            datasource db {
              provider = "postgresql"
              schemas  = ["one", "two"]
            }
            model A {
              id Int @id @default(autoincrement())
              b Int @unique
              c E
              r B @relation(fields: [b], references: [id])
              @@schema("one")
            }
            model B {
              id Int @id
              a A?
              @@schema("two")
            }
            enum E {
              X
              @@schema("two")
            }
        "#,
        expect![[r#"
            -- CreateEnum
            CREATE TYPE "two"."E" AS ENUM ('X');

            -- AlterTable
            CREATE SEQUENCE "one".a_id_seq;
            ALTER TABLE "one"."A" ADD COLUMN     "b" INTEGER NOT NULL,
            ADD COLUMN     "c" "two"."E" NOT NULL,
            ALTER COLUMN "id" SET DEFAULT nextval('"one".a_id_seq');
            ALTER SEQUENCE "one".a_id_seq OWNED BY "one"."A"."id";

            -- CreateTable
            CREATE TABLE "two"."B" (
                "id" INTEGER NOT NULL,

                CONSTRAINT "B_pkey" PRIMARY KEY ("id")
            );

            -- CreateIndex
            CREATE UNIQUE INDEX "A_b_key" ON "one"."A"("b");

            -- AddForeignKey
            ALTER TABLE "one"."A" ADD CONSTRAINT "A_b_fkey" FOREIGN KEY ("b") REFERENCES "two"."B"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
        "#]],
        expect![[r#"
            [+] Added enums
              - E

            [+] Added tables
              - B

            [*] Changed the `A` table
              [+] Added column `b`
              [+] Added column `c`
              [*] Altered column `id` (column became autoincrementing)
              [+] Added unique index on columns (b)
              [+] Added foreign key on columns (b)
        "#]],
    );
}

#[test]
fn the_same_schema_needs_nothing() {
    check(
        r#"
            model User {
              id Int @id
              a Int
            }
        "#,
        r#"
            model User {
              id Int @id
              a Int
            }
        "#,
        expect![[r#"
            -- This is an empty migration.
        "#]],
        expect![[r#"
            No difference detected.
        "#]],
    );
}

#[test]
fn tables_are_dropped_after_their_foreign_keys() {
    check(
        r#"
            model A {
              id Int @id
              b Int
              r B @relation(fields: [b], references: [id])
            }
            model B {
              id Int @id
              as A[]
            }
        "#,
        r#"
            model A {
              id Int @id
              b Int
            }
        "#,
        expect![[r#"
            -- DropForeignKey
            ALTER TABLE "A" DROP CONSTRAINT "A_b_fkey";

            -- DropTable
            DROP TABLE "B";
        "#]],
        expect![[r#"
            [-] Removed tables
              - B

            [*] Changed the `A` table
              [-] Removed foreign key on columns (b)
        "#]],
    );
}
