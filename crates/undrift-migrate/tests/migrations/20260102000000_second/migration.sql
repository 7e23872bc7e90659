-- AlterTable
ALTER TABLE "visit" ADD COLUMN "page" TEXT;

-- CreateIndex
CREATE INDEX CONCURRENTLY "visit_page_idx" ON "visit"("page");
